/* Draws each figure from the JSON beside it. Nothing is sent or fetched. */
(function () {
  "use strict";
  var config = {
    displaylogo: false,
    displayModeBar: false,
    showSendToCloud: false,
    plotlyServerURL: "",
    responsive: true,
    scrollZoom: false,
    doubleClick: false
  };

  function draw(source) {
    var place = document.getElementById(source.getAttribute("data-chart"));
    var figure = JSON.parse(source.textContent);
    window.Plotly.newPlot(place, figure.data, figure.layout, config).then(function () {
      place.setAttribute("data-drawn", "yes");
    });
  }

  if (window.Plotly) {
    document.querySelectorAll("script[data-chart]").forEach(draw);
  }

  /* On paper every table is open. */
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (one) {
      one.open = true;
      one.setAttribute("data-for-print", "");
    });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-for-print]").forEach(function (one) {
      one.open = false;
      one.removeAttribute("data-for-print");
    });
  });
})();
