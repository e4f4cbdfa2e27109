// The pipes of the ring: which way each takes, how thick it is, whose money it carries, coat by coat.
//
// A part of machine.vue, whose sizes, places and words it reads.
(window.perpetuumMixins = window.perpetuumMixins || {}).ringPipes = {
  methods: {
    // How far a pipe swings out to the right of its way, as a share of its length.
    bend(from, to) {
      const bends = {
        "vendors labs": 0.2,
        "labs clouds": 0.27,
        "clouds vendors": 0.26,
        "labs vendors": 0.05,
        "clouds labs": -0.12,
        "vendors clouds": -0.12,
        "clouds clouds": -0.18,
        "labs labs": -0.4,
        "vendors vendors": -0.4,
        "customers clouds": 0.05,
        "customers labs": -0.1,
        "labs suppliers": -0.12,
        "vendors suppliers": 0.12,
        "clouds suppliers": -0.06,
        "clouds investors": 0.22,
        "investors clouds": 0.1,
        "vendors investors": -0.14,
        "investors vendors": -0.08,
        "clouds lenders": 0.02,
        "lenders clouds": -0.1,
        "labs lenders": 0.3,
        "lenders labs": -0.3,
        "vendors lenders": -0.3,
        "funds labs": -0.1,
        "labs funds": -0.1,
        "states vendors": -0.06,
        "vendors states": 0.1,
        "states clouds": -0.35,
        "clouds states": 0.45,
        "states labs": 0.2,
      };
      return bends[from.group + " " + to.group] || 0.1;
    },
    way(from, to) {
      const bend = this.bend(from, to);
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      // The right of the way, with y down: (-dy, dx).
      const [ox, oy] = [-dy * bend * 1.33, dx * bend * 1.33];
      const keep = (y) => Math.min(this.height, Math.max(0, y)); // so that wide windows cut nothing off
      const first = { x: from.x + dx * 0.28 + ox, y: keep(from.y + dy * 0.28 + oy) };
      const second = { x: to.x - dx * 0.28 + ox, y: keep(to.y - dy * 0.28 + oy) };
      const round = (value) => Math.round(value * 10) / 10;
      const points = [first, second, to].map((point) => round(point.x) + "," + round(point.y)).join(" ");
      const t = 0.56;
      const at = (a, b, c, d) => (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t * t * c + t ** 3 * d;
      const slope = (a, b, c, d) => (1 - t) ** 2 * (b - a) + 2 * (1 - t) * t * (c - b) + t * t * (d - c);
      const xs = [from.x, first.x, second.x, to.x];
      const ys = [from.y, first.y, second.y, to.y];
      const angle = (Math.atan2(slope(...ys), slope(...xs)) * 180) / Math.PI;
      return {
        path: "M" + round(from.x) + "," + round(from.y) + " C" + points,
        turn: "translate(" + round(at(...xs)) + "," + round(at(...ys)) + ") rotate(" + round(angle) + ")",
      };
    },
    thick(bn) {
      return bn > 0 ? Math.max(0.9, 3 * this.unit * this.zoom * Math.sqrt(bn)) : 0;
    },
    pipesOf(frame, world) {
      if (!frame.month) this.known[world] = {};
      const known = this.known[world];
      const now = {};
      const { nodes, ring } = this.places;
      const stretches = ring.map((place, k) => this.stretch(place, ring[(k + 1) % ring.length]));
      const single = [];
      for (const band of frame.bands) {
        const key = band.from + " " + band.to;
        if (!nodes[band.from] || !nodes[band.to]) continue;
        if (!this.ringwise(nodes[band.from], nodes[band.to])) now[key] = known[key] = band;
        else if (band.bn) {
          this.goRound(stretches, band);
          if (this.pointsAt(band)) single.push(this.pipe(key, "single", band, this.wayOf(key, band)));
        }
      }
      for (const one of frame.year) this.goRound(stretches, one, "years");
      const others = Object.keys(known).map((key) =>
        this.pipe(key, this.within(known[key]) ? "inner" : "outer", now[key] || { ...known[key], bn: 0 }, this.wayOf(key, known[key]))
      );
      const main = stretches.map((one) => ({ ...this.pipe(one.key, "main", this.carried(one), one.way), ...this.average(one, frame) }));
      return [...this.routes(frame), ...others.sort((a, b) => (a.key < b.key ? -1 : 1)), ...main, ...single];
    },
    // Ways that money will take, shown until the first has.
    routes(frame) {
      if (frame.month) return [];
      const all = frame.nodes;
      return this.texts.routes.flatMap(([payer, payee]) =>
        all.filter((one) => one.group === payer).flatMap((from) =>
          all.filter((one) => one.group === payee).map((to) => {
            const key = from.id + " " + to.id;
            const band = { from: from.id, to: to.id, bn: 0, own: 0, dyes: [] };
            return { ...this.pipe(key, "route", band, this.wayOf(key, band)), key: "route " + key };
          })
        )
      );
    },
    // What passes on average: the pipe of a month may be empty where money comes every few months.
    average(stretch, frame) {
      const bn = stretch.years.reduce((sum, one) => sum + one.bn, 0) / Math.min(12, frame.month || 1);
      const group = (id) => this.places.nodes[id].group;
      return { year: this.thick(bn), lent: group(stretch.from) === "vendors" && group(stretch.to) === "labs" };
    },
    pipe(key, sort, band, way) {
      const width = this.thick(band.bn);
      const size = Math.round(Math.max(width || sort !== "main" ? 0.75 : 1.35, Math.min(1.35, width / 10)) * Math.min(1.5, this.unit + 0.2) * 100) / 100;
      return {
        key,
        sort,
        from: band.from,
        to: band.to,
        band,
        width,
        path: way.path,
        layers: this.layers(band, width),
        drift: Math.round(width * 8) / 10,
        arrow: way.turn + " scale(" + size + ")",
      };
    },
    wayOf(key, band) {
      const { nodes } = this.places;
      const stamp = this.width + " " + this.height + " " + Object.keys(nodes).join();
      if (this.stamp !== stamp) [this.stamp, this.ways] = [stamp, {}];
      if (!this.ways[key]) this.ways[key] = this.way(nodes[band.from], nodes[band.to]);
      return this.ways[key];
    },
    ringwise(from, to) {
      return ["vendors labs", "labs clouds", "clouds vendors"].includes(from.group + " " + to.group);
    },
    within(band) {
      const machine = ["vendors", "labs", "clouds"];
      const { nodes } = this.places;
      return machine.includes(nodes[band.from].group) && machine.includes(nodes[band.to].group);
    },
    pointsAt(band) {
      return this.over && (this.over.node === band.from || this.over.node === band.to);
    },
    // A stretch of the ring main from one firm to the next, counter-clockwise.
    stretch(from, to) {
      const { track } = this;
      const round = (value) => Math.round(value * 10) / 10;
      const middle = ((from.degrees + (to.degrees > from.degrees ? to.degrees : to.degrees + 360)) / 2) * (Math.PI / 180);
      const [x, y] = [track.cx + track.rx * Math.cos(middle), track.cy - track.ry * Math.sin(middle)];
      const angle = (Math.atan2(-track.ry * Math.cos(middle), -track.rx * Math.sin(middle)) * 180) / Math.PI;
      const arc = [round(track.rx), round(track.ry), 0, 0, 0, round(to.x), round(to.y)].join(" ");
      return {
        key: "main " + from.id,
        from: from.id,
        to: to.id,
        way: {
          path: "M" + round(from.x) + " " + round(from.y) + " A" + arc,
          turn: "translate(" + round(x) + "," + round(y) + ") rotate(" + round(angle) + ")",
        },
        bands: [],
        years: [],
      };
    },
    goRound(stretches, band, kept = "bands") {
      let k = stretches.findIndex((stretch) => stretch.from === band.from);
      for (let n = 0; n < stretches.length && stretches[k].from !== band.to; n += 1) {
        stretches[k][kept].push(band);
        k = (k + 1) % stretches.length;
      }
    },
    carried({ from, to, bands }) {
      const bn = bands.reduce((sum, band) => sum + band.bn, 0);
      const mean = (part) => (bn ? bands.reduce((sum, band) => sum + band.bn * part(band), 0) / bn : 0);
      const dyes = this.texts.dyes.map((_, place) => mean((band) => band.dyes[place]));
      return { from, to, bn, dyes, own: mean((band) => band.own), bands: [...bands].sort((a, b) => b.bn - a.bn).slice(0, 4) };
    },
    // Stripes as coats around a core: the vendors' own money is the core and never thinner than a thread.
    layers(band, width) {
      const coats = [];
      const laps = this.texts.laps.length;
      let inside = 1;
      const thread = band.own > 0.003 ? Math.max(band.own * width, Math.min(0.25 * width, 1.4 * this.unit)) : band.own * width;
      this.texts.dyes.forEach(([index, dye, , colour], place) => {
        const part = band.dyes[index];
        const lap = place >= this.texts.dyes.length - laps;
        const whole = lap ? (band.own > 0 ? (thread * inside) / band.own : 0) : Math.max(inside * width, thread);
        const seen = (lap ? (thread * part) / (band.own || 1) : part * width) > 0.3;
        if (seen) coats.push({ dye, colour, width: Math.round(whole * 10) / 10 });
        inside = Math.max(0, inside - part);
      });
      if (coats.length && coats[0].width < width) coats[0].width = Math.round(width * 10) / 10;
      return coats;
    },
    dimmed(pipe) {
      if (!this.tip) return false;
      if (!this.over.node) return pipe.key !== this.over.pipe;
      return pipe.sort === "main" || (pipe.from !== this.over.node && pipe.to !== this.over.node);
    },
  },
};
