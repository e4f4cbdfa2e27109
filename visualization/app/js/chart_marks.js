// What lies under and over the lines of a chart: grounds, bands and rules; marks, names of lines and what is written in humps.
//
// A part of chart.vue, whose lines, axes and sizes it reads.
(window.perpetuumMixins = window.perpetuumMixins || {}).chartMarks = {
  methods: {
    // --- what lies under the lines --------------------------------------------------------------------------------------
    ground(chart, state, look, box) {
      const { x, y } = this.places(state, box);
      const parts = [];
      const colour = this.page.paint;
      this.page.tight.forEach(([from, to]) => {
        parts.push(this.rectangle(x(from), box.y, x(Math.min(to + 1, state.count - 1)) - x(from), box.height, colour.shade));
      });
      state.axis.ticks.forEach((t) => {
        parts.push(this.rule(box.x, y(t), box.x + box.width, y(t), { stroke: colour.faint, lineWidth: 1 }));
        parts.push(this.words(this.tick(chart, t), box.x - 0.5 * look.size, y(t), { align: "right", verticalAlign: "middle", fill: colour.quiet }, look));
      });
      const area = (upper, lower, fill, opacity) => {
        const points = [];
        upper.forEach((v, i) => { if (v !== null && lower[i] !== null && lower[i] !== undefined) points.push([x(i), y(v)]); });
        for (let i = Math.min(upper.length, lower.length) - 1; i >= 0; i--) if (upper[i] !== null && lower[i] !== null) points.push([x(i), y(lower[i])]);
        if (points.length > 3) parts.push({ type: "polygon", silent: true, shape: { points }, style: { fill, opacity } });
      };
      state.lines.forEach((one) => {
        if (one.above) area(one.above, one.above.map((_, i) => one.below[i] || 0), one.line.colour, 1);
        if (!one.band) return;
        area(one.band[2], one.band[0], colour.band, 0.55);
        const points = one.band[1].map((v, i) => [x(i), y(v)]);
        parts.push({ type: "polyline", silent: true, shape: { points }, style: { stroke: colour.middle, lineWidth: look.bold, fill: "none" } });
      });
      state.lines.forEach((one) => {
        if (one.bracket) area(one.bracket[1], one.bracket[0], one.line.colour, 0.2);
        if (one.twin.length) area(one.twin.map((v, i) => (one.watched[i] === undefined ? null : v)), one.watched.map((v, i) => (one.twin[i] === null ? null : v)), colour.twin, 0.3);
      });
      state.lines.forEach((one) => (one.ghost || []).forEach((values, end) => {
        const points = values.map((v, i) => (v === null ? null : [x(i), y(v)])).filter((point) => point);
        parts.push({ type: "polyline", silent: true, shape: { points }, style: { stroke: colour.accent, lineWidth: end === 1 ? 1.5 * look.bold : 1, lineDash: end === 1 ? [5, 3] : [1, 3], fill: "none" } });
      }));
      parts.push(this.rule(box.x, box.y + box.height, box.x + box.width, box.y + box.height, { stroke: colour.faint, lineWidth: 1 }));
      const zero = state.axis.low <= 0 && !chart.log ? 0 : state.axis.low;
      parts.push(this.rule(box.x, y(zero), box.x + box.width, y(zero), { stroke: colour.quiet, lineWidth: 1 }));
      if (chart.reference !== null) {
        const level = y(chart.reference * chart.times);
        parts.push(this.rule(box.x, level, box.x + box.width, level, { stroke: colour.ink, lineWidth: 1, lineDash: [2, 2] }));
        const over = level - look.size > box.y;
        parts.push(this.words(chart.reference_label, box.x + 3, over ? level - 2 : level + 2, { verticalAlign: over ? "bottom" : "top", fill: colour.quiet, fontStyle: "italic" }, look));
      }
      const filled = (one) => one.watched.length || one.band;
      if (!state.lines.some(filled)) {
        const told = this.instead(chart).map((one) => this.inLines(one, box.width - look.size, look));
        const text = told.find((one) => one.split("\n").length * 1.15 * look.size < box.height) || told[told.length - 1];
        parts.push(this.words(text, box.x + box.width / 2, box.y + box.height / 2, { align: "center", verticalAlign: "middle", fill: colour.quiet, halo: true }, look));
      }
      this.years(state, box, look).forEach(([month, text]) => {
        const foot = box.y + box.height;
        parts.push(this.rule(x(month), foot, x(month), foot + 0.3 * look.size, { stroke: colour.quiet, lineWidth: 1 }));
        parts.push(this.words(text, x(month), foot + 0.45 * look.size, { align: "center", verticalAlign: "top", fill: colour.quiet }, look));
      });
      return { type: "group", children: parts };
    },

    // What is said where nothing is drawn yet, and more briefly where there is little room: what will stand here, and when.
    instead(chart) {
      const { empty, empty_odds, until_voted, odds_coming, odds_missing, waiting } = this.page.ui;
      if (chart.whole === null) return [empty];
      if (this.page.hidden) return [until_voted];
      if (!this.page.now.month) return [empty_odds, empty];
      return this.page.waiting ? [odds_coming, waiting] : [odds_missing];
    },

    // --- what lies over the lines: marks, names --------------------------------------------------------------------------
    marked(state, look, box) {
      // What stands over the plot, in as few rows as hold it (a projector has room for one): levers moved, the month looked at,
      // and when funding is tight. Rows stand above the plot, so that no name of a line meets them.
      const { x } = this.places(state, box);
      const taken = this.page.presenter ? [[]] : [[], [], []];
      const found = { rules: [], texts: [], rows: 1, size: (this.page.presenter ? 1 : 0.92) * look.size };
      const put = (text, from, style) => {
        // To the right of its place, else to the left, in the first row that is free.
        const { align, ...kept } = style;
        const wide = this.measured(text, found.size, look, style.fontWeight);
        let left = align === "center" ? from - wide / 2 : from + 3;
        if (left + wide > box.x + box.width + look.size) left = from - 3 - wide;
        if (left < 0) return false;
        const row = taken.findIndex((others) => others.every(([a, b]) => left > b + 4 || left + wide < a - 4));
        if (row < 0) return false;
        taken[row].push([left, left + wide]);
        found.texts.push({ text, left, row, style: kept });
        found.rows = Math.max(found.rows, row + 1);
        return true;
      };
      const shortened = (text, from) => {
        const room = Math.max(box.x + box.width - from, from - box.x) + look.size - 6;
        let kept = text;
        while (kept.length > 4 && this.measured(kept, found.size, look) > room) kept = kept.slice(0, -2).trimEnd() + "…";
        return kept;
      };
      const places = this.page.marks.map((mark) => ({ ...mark, at: x(Math.min(mark.month, state.count - 1)), fill: mark.twin ? this.page.paint.twin : this.page.paint.ink }));
      places.forEach(({ at, fill }) => found.rules.push({ at, fill, width: look.bold, dash: [2, 2] }));
      // The latest first: where room is short, it keeps its words.
      places.reverse().forEach(({ at, fill, texts }) => {
        const whole = texts.join("; ");
        if (put(whole, at, { fill })) return;
        (taken.length > 1 ? texts : [whole]).forEach((text) => put(shortened(text, at), at, { fill }));
      });
      if (this.page.looking >= 0 && this.page.looking < state.count) {
        const at = x(this.page.looking);
        found.rules.push({ at, fill: this.page.paint.accent, width: 1.5 * look.bold, dash: null });
        put(this.date(this.page.looking), at, { fill: this.page.paint.accent, fontWeight: 700 });
      }
      this.page.tight.forEach(([from, to]) => {
        const wide = x(Math.min(to + 1, state.count - 1)) - x(from);
        if (wide > this.measured(this.page.ui.tight, look.size, look)) put(this.page.ui.tight, x(from) + wide / 2, { fill: this.page.paint.quiet, fontStyle: "italic", align: "center" });
      });
      return found;
    },
    top(chart, state, look, box) {
      const { x, y } = this.places(state, box);
      const parts = [];
      const marks = look.marks;
      marks.rules.forEach(({ at, fill, width, dash }) => parts.push(this.rule(at, box.y - look.size, at, box.y + box.height, { stroke: fill, lineWidth: width, lineDash: dash })));
      marks.texts.forEach(({ text, left, row, style }) => {
        const line = box.y - (marks.rows - row + 0.2) * 1.15 * look.size;
        parts.push(this.words(text, left, line, { ...style, align: "left", verticalAlign: "top", fontSize: marks.size, halo: true }, look));
      });
      const names = this.named(chart, state);
      const ends = this.labels(names, look, box, x, y);
      [...ends, ...this.humps(chart, state, look, box, x, y, names.map((name) => name.text), ends)].forEach((label) => {
        parts.push(this.words(label.text, label.x, label.y, { fill: label.colour, verticalAlign: "middle", fontWeight: 700, halo: true }, look));
        if (label.swatch) parts.push(this.rectangle(label.x - look.size, label.y - 0.35 * look.size, 0.7 * look.size, 0.7 * look.size, label.swatch));
      });
      // Where nothing is left to say, ECharts would keep what was said last.
      return { type: "group", $mergeChildren: parts.length ? "byIndex" : false, children: parts };
    },
    named(chart, state) {
      // Names that stand at the ends of the lines, each with the value where its line ends.
      const end = (values) => values.length - 1;
      const names = [];
      const several = chart.lines.length > 1;
      state.lines.forEach((one) => {
        if (one.above) {
          const i = end(one.above);
          const height = i < 0 ? 0 : one.watched[i] / (state.axis.high - state.axis.low);
          if (height > 0.035 || (one.line.key === "dye_lap_1" && one.watched.some((v) => v > 0))) names.push({ text: one.line.label, at: i, v: (one.above[i] + (one.below[i] || 0)) / 2, colour: this.page.paint.ink, swatch: one.line.colour, weight: one.line.key === "dye_lap_1" ? Infinity : height });
          if (one.total && one.total.length) names.push({ text: this.page.ui.twin, at: end(one.total), v: one.total[end(one.total)], colour: this.page.paint.twin });
          return;
        }
        const forked = one.twin.length > 0;
        if (one.watched.length && (several || forked)) names.push({ text: several ? one.line.label : this.page.ui.world, at: end(one.watched), v: one.watched[end(one.watched)], colour: this.readable(one.line.colour) });
        if (forked) names.push({ text: this.page.ui.twin, twin: true, at: end(one.twin), v: one.twin[end(one.twin)], colour: this.page.paint.twin });
      });
      const once = names.findIndex((name) => name.twin);
      return names.filter((name, i) => name.v !== null && name.v !== undefined && (!name.twin || i === once));
    },
    humps(chart, state, look, box, x, y, named, ends) {
      // A layer that was thick once and has no name at its end is named above the stack where it was thickest, or within itself
      // where there is no room above, and where no other name stands.
      if (chart.kind !== "stack" || this.page.presenter) return [];
      const last = state.lines[state.lines.length - 1].above;
      const width = (text) => Math.max(...text.split("\n").map((part) => this.measured(part, look.size, look, 700)));
      const taken = ends.map((label) => ({ ...label, right: label.x + width(label.text) }));
      const found = [];
      state.lines.forEach((one) => {
        if (!one.watched.length || named.includes(one.line.label)) return;
        const at = one.watched.indexOf(Math.max(...one.watched));
        if (one.watched[at] < 0.05 * (state.axis.high - state.axis.low)) return;
        const text = this.folded(one.line.label), tall = 1.15 * look.size * text.split("\n").length, wide = width(text);
        const left = Math.max(x(at) - wide / 2 + look.size, x(0) + 1.5 * look.size);
        const under = (values) => values.filter((_, i) => x(i) > left - look.size && x(i) < left + wide);
        const meets = (other) => Math.abs(other.y - top) < (other.tall + tall) / 2 && left - 1.2 * look.size < other.right && other.x - 1.2 * look.size < left + wide;
        const free = () => ![...taken, ...found].some(meets);
        let top = y(Math.max(...under(last), last[at])) - tall / 2 - 0.3 * look.size;
        while (!free() && top > box.y) top -= 0.5 * look.size;
        if (top <= box.y) {
          const high = y(Math.min(...under(one.above), one.above[at])), low = y(Math.max(...under(one.above.map((_, i) => one.below[i] || 0)), one.below[at] || 0));
          top = (high + low) / 2;
          if (low - high < tall || left + wide > x(last.length - 1) || !free()) return;
        }
        found.push({ text, tall, x: left, right: left + wide, y: top, colour: this.page.paint.ink, swatch: one.line.colour });
      });
      return found;
    },
    // Broken where a line is full; Chinese breaks anywhere.
    inLines(text, room, look) {
      const glue = /[\u3400-\u9fff]/.test(text) ? "" : " ";
      const lines = [""];
      (glue ? text.split(" ") : [...text]).forEach((word) => {
        const longer = lines[lines.length - 1] + (lines[lines.length - 1] && glue) + word;
        // No line begins with what closes the one before.
        if (/[，。：；、！？）”]/.test(word)) lines[lines.length - 1] = longer;
        else if (lines[lines.length - 1] && this.measured(longer, look.size, look) > room) lines.push(word);
        else lines[lines.length - 1] = longer;
      });
      return lines.join("\n");
    },
    folded(text) {
      // In two lines where it is long.
      const glue = /[\u3400-\u9fff]/.test(text) ? "" : " ";
      const words = glue ? text.split(" ") : [...text];
      if (text.length <= (glue ? 10 : 5)) return text;
      let best = text, least = Infinity;
      for (let i = 1; i < words.length; i++) {
        const parts = [words.slice(0, i).join(glue), words.slice(i).join(glue)];
        const longest = Math.max(...parts.map((p) => p.length));
        if (longest < least) { least = longest; best = parts.join("\n"); }
      }
      return best;
    },
    readable(colour) {
      // The same hue, as dark as words on this paper need (WCAG AA: 4.5).
      const parts = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
      const light = (rgb) => rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, i) => sum + [0.2126, 0.7152, 0.0722][i] * part, 0);
      const paper = light(parts(this.page.paint.paper));
      let ink = parts(colour);
      while ((paper + 0.05) / (light(ink) + 0.05) < 4.6) ink = ink.map((part) => Math.floor(0.95 * part));
      return `#${ink.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
    },
    rightRoom(chart, state, look, left) {
      // None beyond the last year as long as names have room where the lines end; then, at once, all that they need at the end.
      const least = 1.2 * look.size, room = this.labelRoom(chart, look);
      const last = Math.max(0, ...state.lines.map((one) => Math.max(one.watched.length, one.twin.length) - 1));
      const end = left + ((look.wide - left - least - look.side) * last) / Math.max(state.count - 1, 1);
      return end + room + look.side <= look.wide ? least : room;
    },
    labelRoom(chart, look) {
      // The same whichever of its lines has a name now, so that the axis does not breathe.
      const names = chart.lines.length > 1 ? chart.lines.map((line) => this.folded(line.label)) : [];
      if (this.page.now.fork !== null) names.push(this.page.ui.twin, ...(chart.lines.length > 1 ? [] : [this.page.ui.world]));
      const widest = Math.max(0, ...names.flatMap((name) => name.split("\n")).map((part) => this.measured(part, look.size, look, 700)));
      return widest ? widest + (chart.kind === "stack" ? 1.9 : 0.9) * look.size : 1.2 * look.size;
    },
    labels(names, look, box, x, y) {
      const found = names.map((name) => {
        const text = this.folded(name.text);
        return { ...name, text, x: x(name.at) + (name.swatch ? 1.5 : 0.5) * look.size, y: y(name.v), tall: look.size * (1.15 * text.split("\n").length + 0.1) };
      }).sort((a, b) => a.y - b.y);
      // Where not all have room, the thinnest layers go without.
      const weight = (label) => (label.weight === undefined ? Infinity : label.weight);
      while (found.length > 1 && found.reduce((all, label) => all + label.tall, 0) > box.height) {
        found.splice(found.indexOf(found.reduce((least, label) => (weight(label) < weight(least) ? label : least))), 1);
      }
      // Pushed apart downwards, then back up where the foot is reached.
      found.forEach((label, i) => {
        const above = found[i - 1];
        label.y = Math.max(label.y, above ? above.y + (above.tall + label.tall) / 2 : box.y + label.tall / 2);
      });
      for (let i = found.length - 1; i >= 0; i--) {
        const below = found[i + 1];
        found[i].y = Math.min(found[i].y, below ? below.y - (below.tall + found[i].tall) / 2 : box.y + box.height - found[i].tall / 2);
      }
      return found;
    },
  },
};
