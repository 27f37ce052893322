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

  /* A narrow place has its own layout: names stand above their lines. */
  function fitting(figure, width) {
    var narrow = figure.narrow;
    if (narrow && width < narrow.below) {
      return { name: "narrow", data: figure.data.concat(narrow.data), layout: narrow.layout };
    }
    return { name: "wide", data: figure.data, layout: figure.layout };
  }

  function draw(place, figure) {
    var fit = fitting(figure, place.clientWidth);
    place.setAttribute("data-fit", fit.name);
    /* Plotly writes into what it is given, so it gets a copy. */
    var copy = JSON.parse(JSON.stringify(fit));
    window.Plotly.react(place, copy.data, copy.layout, config).then(function () {
      place.setAttribute("data-drawn", "yes");
    });
  }

  if (window.Plotly) {
    document.querySelectorAll("script[data-chart]").forEach(function (source) {
      var place = document.getElementById(source.getAttribute("data-chart"));
      var figure = JSON.parse(source.textContent);
      draw(place, figure);
      window.addEventListener("resize", function () {
        if (fitting(figure, place.clientWidth).name !== place.getAttribute("data-fit")) {
          draw(place, figure);
        }
      });
    });
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
