// The words in the ring: how wide each is, and where it stands so that it hides no other and is taken for no other firm's.
//
// A part of machine.vue, whose sizes, places and words it reads.
(window.perpetuumMixins = window.perpetuumMixins || {}).ringNames = {
  methods: {
    // How wide words are, as they are drawn in bold.
    written(line, type) {
      const { pen } = this;
      if (this.penned !== this.box.family) [this.penned, this.widths, pen.font] = [this.box.family, {}, "700 100px " + this.box.family];
      if (this.widths[line] === undefined) this.widths[line] = pen.measureText(line).width / 100;
      return this.widths[line] * type;
    },
    boxOf(line, type, x, y, anchor) {
      const wide = this.written(line, type);
      const left = anchor === "start" ? x : x - (anchor === "middle" ? wide / 2 : wide);
      return { left, right: left + wide, top: y - 0.78 * type, bottom: y + 0.2 * type };
    },
    around({ x, y, w, h }) {
      return { left: x - w / 2, right: x + w / 2, top: y - h / 2, bottom: y + h / 2 };
    },
    meets(one, other, apart = 0) {
      return one.left < other.right + apart && other.left < one.right + apart && one.top < other.bottom + apart && other.top < one.bottom + apart;
    },
    free(box, taken, apart = 0) {
      return !taken.some((other) => this.meets(box, other, apart));
    },
    inside(box) {
      return box.left >= 0 && box.right <= this.width && box.top >= 0 && box.bottom <= this.height;
    },
    // Which of two worlds it is, written over each.
    titled(world) {
      const { x, y } = this.places.title;
      return this.frames.length > 1 ? [this.boxOf(this.texts.titles[world], this.type, x, y, "middle")] : [];
    },
    // The name of a firm stands where names of its kind do, or as near to it as no other word is, no other firm is nearer and no
    // other tank lies below. Who had to go far chooses again among the others; where a word still hides another, they choose in
    // another order.
    placeNames(nodes, taken) {
      const firms = nodes.filter((node) => !node.around).map((node) => this.choices(node, nodes, taken));
      const orders = firms.flatMap((_, k) => {
        const turned = [...firms.slice(k), ...firms.slice(0, k)];
        return [turned, [...turned].reverse()];
      });
      let best = null;
      for (const order of orders) {
        const chosen = this.chosen(order);
        const cost = [...chosen.values()].reduce((sum, spot) => sum + spot.cost, 0);
        if (!best || cost < best.cost) best = { chosen, cost };
        if (best.cost < this.hidden) break;
      }
      for (const [firm, { x, y, anchor, box }] of best ? best.chosen : []) {
        firm.node.label = { x, y, anchor };
        firm.node.leader = this.leader(firm.node, box);
        taken.push(box);
      }
    },
    chosen(order) {
      const chosen = new Map();
      for (let round = 0; round < 3; round += 1) {
        for (const firm of order) {
          if (round && !chosen.get(firm).cost) continue;
          const others = [...chosen].filter(([other]) => other !== firm).map(([, spot]) => spot.box);
          chosen.set(firm, firm.best(others));
        }
      }
      return chosen;
    },
    // From a firm to the nearest point of its name, where that stands so far off that it could be another's.
    leader({ id, tank }, { left, right, top, bottom }) {
      const { x, y } = this.places.nodes[id];
      const within = (value, low, high) => Math.round(Math.max(low, Math.min(high, value)));
      const [dx, dy] = [within(0, left - x, right - x), within(0, top - y, bottom - y)];
      return Math.hypot(dx, dy) - tank > 0.8 * this.type ? { x: dx, y: dy } : null;
    },
    // Where a firm's name may stand, and `best`: the place that costs least beside the names of others.
    choices(node, nodes, taken) {
      const type = this.type * 0.95;
      const place = this.places.nodes[node.id];
      const others = nodes.filter((one) => !one.around && one.id !== node.id).map((one) => ({ ...this.places.nodes[one.id], tank: one.tank }));
      const far = (box, { x, y, tank }) => Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom)) - tank;
      const weighed = (spot) => {
        const box = this.boxOf(node.lines[0], type, place.x + spot.x, place.y + spot.y, spot.anchor);
        const near = Math.min(...others.map((one) => far(box, one))), own = far(box, { ...place, tank: node.tank });
        const cut = this.inside(box) ? 0 : this.hidden, hides = this.free(box, taken, 1) ? 0 : this.hidden;
        return { ...spot, box, cost: spot.cost + cut + hides + (near < 0 ? 2 * type : 0) + (near < own + 0.4 * type ? 3 * type : 0) };
      };
      const usual = weighed({ ...this.label(place, node.tank), cost: 0 });
      let spots = null;
      const best = (names) => {
        if (!usual.cost && this.free(usual.box, names, 1)) return usual;
        spots = spots || this.spots(place, node.tank).map(weighed).sort((one, two) => one.cost - two.cost);
        const free = spots.find((spot) => this.free(spot.box, names, 1)) || usual;
        return this.free(free.box, names, 1) ? free : { ...free, cost: free.cost + this.hidden };
      };
      return { node, best };
    },
    // Places for a firm's name: beside its tank, ever higher and lower, on either side; of clouds, whose names stand within the
    // ring, above it, ever higher; and below and above it. `cost`: how far from where it would stand.
    spots(place, tank) {
      const type = this.type * 0.95;
      const usual = this.label(place, tank);
      const cloud = place.group === "clouds";
      const beside = ["start", "end"].map((anchor) => ({ x: (anchor === "start" ? 1 : -1) * (tank + 5), y: type * 0.35, anchor }));
      const other = cloud ? beside : beside.filter((spot) => spot.anchor !== usual.anchor);
      const over = { x: 0, y: -tank - 5 - type * 0.1, anchor: "middle" }, under = { x: 0, y: tank + 5 + type * 0.75, anchor: "middle" };
      const spots = [];
      for (let far = 0; far < tank + 3 * type; far += type * 0.25) {
        for (const way of cloud ? [-1] : [-1, 1]) spots.push({ ...usual, y: usual.y + way * far, cost: far });
        for (const spot of other) for (const way of [-1, 1]) spots.push({ ...spot, y: spot.y + way * far, cost: far + type });
        for (const aside of [-1.5, 0, 1.5]) {
          const cost = far + (Math.abs(aside) + 1.5) * type;
          spots.push({ ...over, x: aside * type, y: over.y - far, cost }, { ...under, x: aside * type, y: under.y + far, cost });
        }
      }
      return spots;
    },
    // What has befallen a firm stands below its name, or beside it, where nothing else is written, or nowhere: pointing at the firm
    // tells it too.
    placeStates(nodes, taken) {
      const type = this.type * (this.box.presents ? 0.95 : 0.85);
      for (const node of nodes) {
        if (node.around || !node.state) continue;
        const place = this.places.nodes[node.id];
        const box = ({ x2, y2, anchor2 }) => this.boxOf(node.state, type, place.x + x2, place.y + y2, anchor2);
        const fits = this.stands(place, node).find((spot) => this.inside(box(spot)) && this.free(box(spot), taken));
        if (!fits) { node.state = ""; continue; }
        node.label = { ...node.label, ...fits };
        taken.push(box(fits));
      }
    },
    // Where the state of a firm may stand: below its name (of a cloud above), and beside it; in a low picture the other way round.
    stands({ group }, { label, lines }) {
      const type = this.type * 0.95;
      const { x, y, anchor } = label;
      const wide = this.written(lines[0], type) + type * 0.4;
      const under = { x2: x, y2: y + type * (group === "clouds" ? -1.05 : 1.1), anchor2: anchor };
      const beside = { x2: anchor === "middle" ? wide / 2 : x + (anchor === "end" ? -wide : wide), y2: y, anchor2: anchor === "middle" ? "start" : anchor };
      return this.low ? [beside, under] : [under, beside];
    },
    // Names of clouds stand within the ring; others outside it where there is room.
    label(place, tank) {
      const type = this.type * 0.95;
      const gap = tank + 5;
      const cloud = place.group === "clouds";
      const sign = cloud ? 0 : (place.group === "labs") === this.narrow ? 1 : -1;
      const anchor = cloud ? "middle" : sign < 0 ? "end" : "start";
      const [x, y] = cloud ? [0, -gap - type * 0.1] : [sign * gap, type * 0.35];
      return { x, y, anchor };
    },
    // What the three parts of the ring are, and how much has gone through them, as far as nothing else stands there.
    named(frame, taken) {
      const { nodes } = this.places;
      const type = this.type * (this.box.presents ? 0.97 : 0.92);
      return this.places.routes.map((route) => {
        const bn = frame.year.filter((one) => nodes[one.from].group === route.group).reduce((sum, one) => sum + one.bn, 0);
        const months = Math.min(12, frame.month);
        const much = months > 1 ? this.fill(this.texts.says.in_months, { amount: this.money(Math.round(10 * bn) / 10), months }) : "";
        const name = (much && this.texts.paid[route.group]) || this.texts.parts[route.group];
        const whole = name + (much && ": " + much);
        const box = (text) => this.boxOf(text, type, route.x, route.y, route.anchor);
        // Where the whole has no room: over the ring how much, for it is what the picture is about; within it the name, while nothing
        // else is there.
        const brief = route.group === "vendors" && much ? much : frame.month ? "" : name;
        const roomy = this.written(whole, this.type * 0.92) < route.room;
        const text = [roomy ? whole : "", brief].find((one) => one && this.free(box(one), taken)) || "";
        if (text) taken.push(box(text));
        return { ...route, text };
      });
    },
    // A pill as large as its words, wholly inside the picture, at its place or as near to it as no other pill stands.
    pill(id, x, y, others) {
      const type = this.type * 0.95;
      const lines = this.lines(id);
      const leading = type * 1.18;
      const h = leading * lines.length + type * 0.5;
      const w = Math.max(...lines.map((line) => this.written(line, type))) + type * 1.4;
      const inside = (value, half, whole) => Math.max(half + 2, Math.min(whole - half - 2, value));
      const baseline = type * 0.35 - ((lines.length - 1) * leading) / 2;
      const at = (dx, dy) => ({ x: inside(x + dx, w / 2, this.width), y: inside(y + dy, h / 2, this.height), w, h });
      const places = [at(0, 0)];
      for (let far = type / 2; far < this.height / 2; far += type / 2) places.push(at(0, -far), at(0, far), at(-far, 0), at(far, 0));
      const place = places.find((one) => this.free(this.around(one), others, 2)) || places[0];
      return { ...place, leading, baseline };
    },
  },
};
