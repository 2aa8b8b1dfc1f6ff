"use strict";
(() => {
  const lanes = document.getElementById("lanes"), controls = document.getElementById("controls");
  if (!lanes || !controls) return;
  const end = Number(controls.dataset.end) || 1, readout = document.getElementById("readout");
  const tracks = [...lanes.querySelectorAll(".track")], ruler = tracks[0];
  const cursor = document.createElement("div"), band = document.createElement("div");
  cursor.className = "cursor"; band.className = "band"; cursor.hidden = band.hidden = true;
  lanes.append(band, cursor);
  controls.hidden = false;
  let zoom = 1, at = 0, shown = null;

  const time = ns => {
    const [by, unit] = ns >= 1e9 ? [1e9, "s"] : ns >= 1e6 ? [1e6, "ms"] : ns >= 1e3 ? [1e3, "us"] : [1, "ns"];
    return (ns / by).toPrecision(4) + unit;
  };
  const left = () => ruler.offsetLeft, width = () => ruler.offsetWidth;
  const place = part => left() + part * width();

  // What is drawn at one time, lane by lane.
  const inForce = part => {
    const words = [];
    for (const track of tracks.slice(1)) {
      const name = track.parentElement.firstElementChild.textContent;
      const own = track.closest(".cgroup")?.querySelector(".name").textContent;
      const here = [...track.querySelectorAll(".s")].filter(span => {
        const from = parseFloat(span.style.left), to = from + parseFloat(span.style.width);
        return from <= part * 100 && part * 100 <= to && !span.classList.contains("life");
      });
      if (here.length) words.push((own && own !== name ? own + " " : "") + name + ": " + here.map(s => s.textContent).join(", "));
    }
    return words.join(" · ");
  };
  const point = part => {
    at = Math.min(1, Math.max(0, part));
    cursor.hidden = false;
    cursor.style.left = place(at) + "px";
    readout.textContent = time(at * end) + "   " + inForce(at);
    readout.title = readout.textContent;
  };
  const draw = () => {
    lanes.style.setProperty("--z", zoom);
    if (!cursor.hidden) cursor.style.left = place(at) + "px";
    if (shown) {
      const [from, to] = shown;
      band.hidden = false;
      band.style.left = place(from / end) + "px";
      band.style.width = Math.max(3, (to - from) / end * width()) + "px";
    }
  };
  const zoomTo = (next, part) => {
    zoom = Math.min(200, Math.max(1, next));
    draw();
    lanes.scrollLeft = part * width() - (lanes.clientWidth - left()) / 2;
    draw();
  };

  document.getElementById("in").onclick = () => zoomTo(zoom * 2, at);
  document.getElementById("out").onclick = () => zoomTo(zoom / 2, at);
  document.getElementById("fit").onclick = () => zoomTo(1, 0);
  lanes.addEventListener("pointermove", event => {
    const box = ruler.getBoundingClientRect();
    if (event.clientX >= box.left && event.clientX <= box.right) point((event.clientX - box.left) / box.width);
  });
  lanes.addEventListener("keydown", event => {
    const step = (event.shiftKey ? 0.1 : 0.01) / zoom;
    const keys = {
      ArrowLeft: () => point(at - step), ArrowRight: () => point(at + step), Home: () => point(0), End: () => point(1),
      "+": () => zoomTo(zoom * 2, at), "=": () => zoomTo(zoom * 2, at), "-": () => zoomTo(zoom / 2, at), "0": () => zoomTo(1, 0),
    };
    if (event.target !== lanes || !keys[event.key] || event.ctrlKey || event.metaKey) return;
    keys[event.key]();
    const x = place(at) - lanes.scrollLeft;
    if (x < left() + 20 || x > lanes.clientWidth - 20) lanes.scrollLeft = place(at) - lanes.clientWidth / 2;
    event.preventDefault();
  });
  for (const link of document.querySelectorAll("a[data-from]")) {
    link.addEventListener("click", () => {
      const from = Number(link.dataset.from), to = Number(link.dataset.to);
      shown = [from, to];
      zoomTo(end / Math.max(to - from, end / 40) / 4, (from + to) / 2 / end);
      point(from / end);
    });
  }
  addEventListener("resize", draw);
  const details = [...document.querySelectorAll("details")];
  let closed = [];
  addEventListener("beforeprint", () => { zoom = 1; draw(); closed = details.filter(one => !one.open); closed.forEach(one => one.open = true); });
  addEventListener("afterprint", () => closed.forEach(one => one.open = false));
})();
