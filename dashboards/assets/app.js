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

  /* `width` is given on paper, whose columns are known; on a screen plotly measures the place. */
  function draw(place, figure, width) {
    var fit = fitting(figure, width || place.clientWidth);
    place.setAttribute("data-fit", fit.name);
    /* Plotly writes into what it is given, so it gets a copy. */
    var copy = JSON.parse(JSON.stringify(fit));
    if (width) {
      copy.layout.width = width;
    }
    window.Plotly.react(place, copy.data, copy.layout, config).then(function () {
      place.setAttribute("data-drawn", "yes");
    });
  }

  var drawn = [];
  if (window.Plotly) {
    document.querySelectorAll("script[data-chart]").forEach(function (source) {
      var place = document.getElementById(source.getAttribute("data-chart"));
      drawn.push({ place: place, figure: JSON.parse(source.textContent) });
    });
  }
  drawn.forEach(function (one) {
    draw(one.place, one.figure);
  });

  window.addEventListener("resize", function () {
    drawn.forEach(function (one) {
      if (fitting(one.figure, one.place.clientWidth).name !== one.place.getAttribute("data-fit")) {
        draw(one.place, one.figure);
      }
    });
  });

  /* On paper every table is open, and figures have the width of the columns that app.css gives them. */
  window.addEventListener("beforeprint", function () {
    drawn.forEach(function (one) {
      draw(one.place, one.figure, one.place.closest(".wide") ? 640 : 312);
    });
    document.querySelectorAll("details:not([open])").forEach(function (one) {
      one.open = true;
      one.setAttribute("data-for-print", "");
    });
  });
  window.addEventListener("afterprint", function () {
    drawn.forEach(function (one) {
      draw(one.place, one.figure);
    });
    document.querySelectorAll("details[data-for-print]").forEach(function (one) {
      one.open = false;
      one.removeAttribute("data-for-print");
    });
  });
})();
