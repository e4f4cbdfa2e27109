"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SIDE = 1000;
  // Letters of the ring's labels at least, and what their box keeps free beside them, in parts of its side.
  const [LEAST, ROOM] = [19, 10];
  const NS = "http://www.w3.org/2000/svg";
  const element = (name, attributes, parent) => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.appendChild(made);
    return made;
  };
  const amount = (bn) => (bn >= 9.95 ? bn.toFixed(0) : bn.toFixed(1)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

  function ring(section, told) {
    const svg = section.querySelector("svg.ring");
    const slider = section.querySelector("input");
    const output = section.querySelector("output");
    const button = section.querySelector("button");
    const nodes = Object.fromEntries(told.nodes.map((node) => [node.id, node]));
    const at = (node) => [node.x * SIDE, (1 - node.y) * SIDE];
    const edge = (node, towards) => {
      const [x, y] = at(node);
      const [dx, dy] = [towards[0] - x, towards[1] - y];
      const reach = Math.min(dx ? (node.wide * SIDE / 2 + 6) / Math.abs(dx) : Infinity, dy ? (node.tall * SIDE / 2 + 6) / Math.abs(dy) : Infinity);
      return [x + dx * reach, y + dy * reach];
    };
    function band(group, labels, pair, mix) {
      const whole = mix.reduce((sum, part) => sum + part, 0);
      const cut = whole * told.scale > told.widest;
      const width = SIDE * Math.min(Math.max(whole * told.scale, 0.0028), told.widest);
      const [from, to] = [nodes[pair.from], nodes[pair.to]];
      const [[x0, y0], [x1, y1]] = [at(from), at(to)];
      const control = [(x0 + x1) / 2 + (y1 - y0) * pair.bend, (y0 + y1) / 2 - (x1 - x0) * pair.bend];
      let start = edge(from, control);
      const end = edge(to, control);
      const under = Math.min(1, 9 * width / SIDE);
      start = [start[0] + (x0 - start[0]) * under, start[1] + (y0 - start[1]) * under];
      const points = [];
      for (let k = 0; k < 60; k++) {
        const t = k / 59;
        points.push([0, 1].map((i) => (1 - t) ** 2 * start[i] + 2 * t * (1 - t) * control[i] + t ** 2 * end[i]));
      }
      const normals = points.map((_, k) => {
        const [a, b] = [points[Math.max(k - 1, 0)], points[Math.min(k + 1, 59)]];
        const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
        return [-(b[1] - a[1]) / length, (b[0] - a[0]) / length];
      });
      const travelled = [0];
      for (let k = 1; k < 60; k++) travelled.push(travelled[k - 1] + Math.hypot(points[k][0] - points[k - 1][0], points[k][1] - points[k - 1][1]));
      const head = Math.min(Math.max(22, 0.55 * width), 0.45 * travelled[59]);
      const last = Math.max(travelled.filter((way) => way <= travelled[59] - head).length - 1, 1);
      const side = (k, offset) => `${(points[k][0] + normals[k][0] * offset).toFixed(1)},${(points[k][1] + normals[k][1] * offset).toFixed(1)}`;
      let offset = -width / 2;
      mix.forEach((part, dye) => {
        const share = width * part / whole;
        if (share <= 0) return;
        const outline = [];
        for (let k = 0; k <= last; k++) outline.push(side(k, offset));
        for (let k = last; k >= 0; k--) outline.push(side(k, offset + share));
        element("polygon", { points: outline.join(" "), fill: told.dyes[dye].colour }, group);
        offset += share;
      });
      const flare = width / 2 + Math.max(6, 0.16 * width);
      const most = mix.indexOf(Math.max(...mix));
      element("polygon", { points: `${side(last, flare)} ${points[59].map((x) => x.toFixed(1)).join(",")} ${side(last, -flare)}`, fill: told.dyes[most].colour }, group);
      if (cut) for (const k of [18, 21]) element("path", { d: `M${side(k, -0.53 * width)} L${side(k + 2, 0.53 * width)}`, stroke: "#FFFCF7", "stroke-width": 4 }, group);
      if (whole >= 0.5) {
        const text = amount(whole);
        element("rect", { x: points[30][0] - 7.5 * text.length - 4, y: points[30][1] - 14, width: 15 * text.length + 8, height: 28, rx: 6, fill: "#FFFCF7", opacity: 0.88 }, labels);
        element("text", { x: points[30][0], y: points[30][1] + 9, "text-anchor": "middle", "font-size": 25, "font-weight": 600, fill: "#222222" }, labels).textContent = text;
      }
    }
    function boxes(group) {
      for (const node of told.nodes) {
        const [x, y] = at(node);
        const [wide, tall] = [node.wide * SIDE, node.tall * SIDE];
        element("rect", { x: x - wide / 2 - 4, y: y - tall / 2 - 4, width: wide + 8, height: tall + 8, rx: 14, fill: node.main ? "#222222" : "#FFFCF7", stroke: node.main ? "#222222" : "#66605A", "stroke-width": 2 }, group);
        const usual = node.main ? 27 : node.label.length > 1 ? LEAST : 23;
        const lines = node.label.map((line) => {
          const text = element("text", { x, "text-anchor": "middle", "font-size": usual, "font-weight": node.main ? 700 : 400, fill: node.main ? "#FFFCF7" : "#222222" }, group);
          text.textContent = line;
          return text;
        });
        // As large as the box has room for, whatever typeface the reader has; no smaller than can be read, and then narrower.
        const longest = Math.max(...lines.map((text) => text.getComputedTextLength()));
        const size = Math.max(Math.min(usual, usual * (wide - ROOM) / longest), LEAST);
        lines.forEach((text, row) => {
          text.setAttribute("font-size", size);
          text.setAttribute("y", y + size * 0.36 + (row - (lines.length - 1) / 2) * size * 1.1);
          if (text.getComputedTextLength() <= wide - ROOM) return;
          text.setAttribute("textLength", wide - ROOM);
          text.setAttribute("lengthAdjust", "spacingAndGlyphs");
        });
      }
    }
    function show(month) {
      const now = told.months[month];
      svg.replaceChildren();
      const bands = element("g", {}, svg);
      boxes(element("g", {}, svg));
      const labels = element("g", {}, svg);
      const total = (mix) => mix.reduce((sum, part) => sum + part, 0);
      for (const [pair, mix] of [...now.bands].sort((a, b) => total(b[1]) - total(a[1]))) band(bands, labels, told.pairs[pair], mix);
      output.replaceChildren(document.createTextNode(`${now.date} `));
      const dot = document.createElement("span");
      dot.className = "state";
      dot.style.background = now.colour;
      output.append(dot, now.state);
      slider.setAttribute("aria-valuetext", `${now.date}: ${now.state}`);
      const list = section.querySelector(".events");
      list.replaceChildren();
      for (const text of now.events.length ? now.events : [told.words.nothing]) {
        const item = document.createElement("li");
        item.textContent = text;
        list.append(item);
      }
    }
    const used = new Set(told.months.flatMap((month) => month.bands.flatMap(([, mix]) => mix.map((part, dye) => (part > 0 ? dye : -1)))));
    told.dyes.forEach((dye, number) => {
      if (!used.has(number)) return;
      const item = document.createElement("span");
      const mark = document.createElement("i");
      mark.style.background = dye.colour;
      item.append(mark, dye.name);
      section.querySelector(".key").append(item);
    });
    slider.max = told.months.length - 1;
    slider.addEventListener("input", () => show(Number(slider.value)));
    let timer = 0;
    const stop = () => { clearInterval(timer); timer = 0; button.textContent = told.words.play; };
    button.hidden = told.months.length < 2;
    button.addEventListener("click", () => {
      if (timer) { stop(); return; }
      if (slider.value === slider.max) slider.value = 0;
      button.textContent = told.words.pause;
      timer = setInterval(() => {
        slider.value = Number(slider.value) + 1;
        show(Number(slider.value));
        if (slider.value === slider.max) stop();
      }, 350);
    });
    stop();
    show(0);
  }

  function map(section, told) {
    const table = section.querySelector("table.map");
    const slider = section.querySelector("input");
    const output = section.querySelector("output");
    const written = (value) => (Math.abs(value) < 0.05 ? "0" : value.toFixed(Math.abs(value) >= 9.95 ? 0 : 1)).replace("-", "−");
    function cell(row, text, heading) {
      const made = document.createElement(heading ? "th" : "td");
      made.textContent = text;
      row.append(made);
      return made;
    }
    function show(number) {
      table.replaceChildren();
      const first = table.createTHead().insertRow();
      cell(first, "", true);
      for (const strength of told.strengths) cell(first, strength, true);
      const body = table.createTBody();
      told.tables[number].forEach((line, place) => {
        const row = body.insertRow();
        cell(row, told.starts[place], true).className = "row";
        line.forEach((value, column) => {
          const made = cell(row, value === null ? "–" : written(value), false);
          if (value === null) { made.style.background = "#DDD6CC"; return; }
          // Lost and gained: equally dark at the same distance from zero, which stands in the middle.
          const middle = (told.colours.length - 1) / 2;
          const shade = Math.round(Math.min(Math.max(value / told.most, -1), 1) * middle);
          made.style.background = told.colours[middle + shade];
          made.style.color = Math.abs(shade) > 2 ? "#FFFCF7" : "#222222";
          const [low, high] = [told.ends.low[place][column], told.ends.high[place][column]];
          if (number === 0 && low !== null && told.strengths.length <= 6) {
            const small = document.createElement("small");
            small.textContent = `${written(low)} – ${written(high)}`;
            made.append(small);
          }
        });
      });
      output.textContent = told.names[number];
      slider.setAttribute("aria-valuetext", told.names[number]);
    }
    slider.max = told.tables.length - 1;
    slider.addEventListener("input", () => show(Number(slider.value)));
    show(0);
  }

  for (const [name, draw] of [["ring", ring], ["map", map]]) if (data[name]) draw(document.getElementById(name), data[name]);
})();
