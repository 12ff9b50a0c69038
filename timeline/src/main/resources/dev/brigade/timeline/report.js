"use strict";
// Draws the charts of the page into the places that the text has for them. All charts of a section share one scale of time.
(() => {
  const sections = JSON.parse(document.getElementById("data").textContent);
  const COLOURS = {
    SUCCEEDED: "var(--ok)", CANCELLED: "var(--cancelled)", FAILED: "var(--failed)",
    TIMED_OUT: "var(--timed)", WORKER_LOST: "var(--lost)", KILLED: "var(--killed)",
  };
  const SIGNS = { CANCELLED: "c", FAILED: "x", TIMED_OUT: "T", WORKER_LOST: "!", KILLED: "K" };
  const NARROW = 520;

  function time(ms) {
    if (ms >= 10000) return (ms / 1000).toFixed(1) + " s";
    if (ms >= 100) return (ms / 1000).toFixed(2) + " s";
    if (ms >= 1) return ms.toFixed(1) + " ms";
    return (ms * 1000).toFixed(1) + " \u00b5s";
  }

  function tick(longest) {
    if (longest >= 1000) return (ms) => +(ms / 1000).toFixed(3) + " s";
    if (longest >= 1) return (ms) => +ms.toFixed(3) + " ms";
    return (ms) => +(ms * 1000).toFixed(3) + " \u00b5s";
  }

  const base = (width, height) => ({
    width, height, marginTop: 2, marginRight: 14, style: { background: "transparent", fontSize: "12px", overflow: "visible" },
  });

  // ---- time and speed-up of each runner

  function measures(section, width, of, text) {
    const data = section.measures.filter((d) => of(d) !== null);
    const most = Math.max(...data.map(of));
    return Plot.plot({
      ...base(width, data.length * 30 + 4),
      marginLeft: 90, marginRight: 74, marginBottom: 2,
      x: { domain: [0, most], axis: null },
      y: { domain: data.map((d) => d.name), label: null, tickSize: 0, padding: 0.3, tickFormat: (name) => cut(name, 12) },
      marks: [
        Plot.barX(data, {
          x: of, y: "name", rx: 3, fill: (d) => (d === data[0] ? "var(--other)" : "var(--ok)"),
          ariaLabel: (d) => d.name + ": " + text(d),
        }),
        Plot.text(data, { x: of, y: "name", text, textAnchor: "start", dx: 6, fill: "currentColor", fontWeight: 600 }),
      ],
    });
  }

  const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + "\u2026" : text);

  // ---- who ran what, when

  function words(bar, lane) {
    let text = bar.label + ": " + bar.ending.toLowerCase().replace("_", " ") + " on " + lane.worker + ", ran " + time(bar.to - bar.from)
      + " from " + time(bar.from) + " on, waited " + time(bar.waited);
    if (bar.attempts > 1) text += ", " + bar.attempts + " attempts (the earlier ones lie in the waiting)";
    return bar.detail ? text + ". " + bar.detail : text;
  }

  function area(data, section, width, margins, height, fill, label, axis) {
    const most = Math.max(...data);
    const step = section.length / data.length;
    const points = data.map((count, i) => ({ at: i * step, count }));
    points.push({ at: section.length, count: data[data.length - 1] });
    return Plot.plot({
      ...base(width, height), ...margins, marginTop: 6, marginBottom: axis ? 24 : 1,
      ariaLabel: label + ", at most " + most + " at once",
      x: { domain: [0, section.length], axis: axis ? "bottom" : null, label: null, ticks: width < NARROW ? 4 : 8, tickFormat: tick(section.length) },
      y: { domain: [0, most], axis: null },
      marks: [
        Plot.areaY(points, { x: "at", y: "count", curve: "step-after", fill }),
        Plot.text([label], { frameAnchor: "left", dx: -8, textAnchor: "end", text: (d) => d, fill: "currentColor" }),
        Plot.text(["max " + most], { frameAnchor: "top-right", textAnchor: "end", text: (d) => d, fill: "currentColor", fillOpacity: 0.75, dy: -4 }),
      ],
    });
  }

  function bars(track, section, width, margins) {
    const data = track.lanes.flatMap((lane, row) => lane.bars.map((bar) => ({ ...bar, lane, row })));
    const rowHeight = track.lanes.length > 16 ? 14 : 22;
    const scale = (width - margins.marginLeft - margins.marginRight) / section.length;
    const chart = Plot.plot({
      ...base(width, track.lanes.length * rowHeight + 28), ...margins, marginBottom: 24,
      x: { domain: [0, section.length], label: null, ticks: width < NARROW ? 4 : 8, tickFormat: tick(section.length), grid: true },
      y: {
        domain: track.lanes.map((lane, row) => row), label: null, tickSize: 0, padding: 0.16,
        tickFormat: (row) => cut(track.lanes[row].label, width < NARROW ? 11 : 17),
      },
      marks: [
        Plot.barX(data, {
          x1: "from", x2: "to", y: "row", rx: 2, insetRight: 0.5,
          fill: (d) => COLOURS[d.ending], stroke: (d) => COLOURS[d.ending], strokeWidth: 0.6,
          ariaLabel: (d) => words(d, d.lane),
        }),
        Plot.barX(data.filter((d) => d.attempts > 1), {
          x1: "from", x2: "to", y: "row", rx: 2, insetRight: 0.5, fill: "url(#again)", pointerEvents: "none", ariaHidden: "true",
        }),
        Plot.text(data.filter((d) => sign(d) && (d.to - d.from) * scale > 14), {
          x: (d) => (d.from + d.to) / 2, y: "row", text: sign, fill: "var(--ok-text)", fontWeight: 700, pointerEvents: "none", ariaHidden: "true",
        }),
      ],
    });
    chart.insertAdjacentHTML("afterbegin", '<defs><pattern id="again" width="6" height="6" patternUnits="userSpaceOnUse"'
      + ' patternTransform="rotate(25)"><rect width="2" height="6" fill="var(--card)" fill-opacity=".8"/></pattern></defs>');
    focusable(chart, data, track);
    return chart;
  }

  const sign = (bar) => SIGNS[bar.ending] || "";

  // One stop of the Tab key for each chart; arrow keys go from bar to bar, and from worker to worker.
  function focusable(chart, data, track) {
    const marks = chart.querySelectorAll('g[aria-label="bar"]');
    const rects = [...marks[0].querySelectorAll("rect")];
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", track.name + ": " + data.length + " bars, one for each task; arrow keys move between them");
    rects.forEach((rect, i) => {
      const show = () => {
        const details = chart.closest(".timeline").querySelector(".details");
        details.textContent = words(data[i], data[i].lane);
        details.classList.add("on");
      };
      rect.classList.add("bar");
      rect.setAttribute("role", "img");
      rect.setAttribute("tabindex", i === 0 ? "0" : "-1");
      rect.addEventListener("mouseenter", show);
      rect.addEventListener("click", show);
      rect.addEventListener("focus", show);
      rect.addEventListener("keydown", (event) => {
        const to = target(event.key, i, data);
        if (to < 0) return;
        event.preventDefault();
        rect.setAttribute("tabindex", "-1");
        rects[to].setAttribute("tabindex", "0");
        rects[to].focus();
      });
    });
  }

  function target(key, i, data) {
    if (key === "ArrowRight") return Math.min(i + 1, data.length - 1);
    if (key === "ArrowLeft") return Math.max(i - 1, 0);
    if (key === "Home") return 0;
    if (key === "End") return data.length - 1;
    if (key !== "ArrowDown" && key !== "ArrowUp") return -1;
    const row = data[i].row + (key === "ArrowDown" ? 1 : -1);
    const others = data.map((d, j) => j).filter((j) => data[j].row === row);
    if (others.length === 0) return i;
    const distance = (j) => Math.abs(data[j].from - data[i].from);
    return others.reduce((best, j) => (distance(j) < distance(best) ? j : best));
  }

  function track(section, number, place, width) {
    const data = section.tracks[number];
    const margins = { marginLeft: width < NARROW ? 84 : 124, marginRight: width < NARROW ? 10 : 20 };
    const folded = data.running.length > 0;
    if (data.waiting.length) place.append(area(data.waiting, section, width, margins, 34, "var(--wait)", "waiting", false));
    if (folded) place.append(area(data.running, section, width, margins, 110, "var(--ok)", "running", true));
    else if (data.lanes.length) place.append(bars(data, section, width, margins));
  }

  function draw(figure) {
    const section = sections[figure.dataset.section];
    const place = figure.querySelector(".chart");
    const width = Math.max(240, Math.floor(place.clientWidth));
    if (place.dataset.width === String(width)) return;
    place.dataset.width = width;
    place.replaceChildren();
    const kind = figure.dataset.chart;
    if (kind === "time") place.append(measures(section, width, (d) => d.ms, (d) => time(d.ms)));
    else if (kind === "speedup") place.append(measures(section, width, (d) => d.speedup, (d) => d.speedup.toFixed(d.speedup < 100 ? 2 : 0) + " \u00d7"));
    else track(section, Number(figure.dataset.track), place, width);
  }

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  figures.forEach(draw);
  let waiting = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => figures.forEach(draw));
  }).observe(document.body);
  document.documentElement.dataset.drawn = document.querySelectorAll("figure svg").length;
})();
