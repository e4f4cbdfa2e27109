// What the picture tells of the firm or the payment under the pointer, in words and amounts.
//
// A part of machine.vue, whose texts it reads.
(window.perpetuumMixins = window.perpetuumMixins || {}).ringTold = {
  methods: {
    fill(text, places) {
      return text.replace(/\{(\w+)\}/g, (_, name) => places[name]);
    },
    money(bn) {
      const words = this.texts.numbers;
      if (Math.abs(bn) >= 1000) return this.fill(words.trillions, { number: (bn / 1000).toFixed(2) });
      const number = bn * Number(words.in_a_billion);
      const digits = Number.isInteger(bn) && bn < 1000 ? 0 : Math.abs(number) < 1 ? 2 : Math.abs(number) < 100 ? 1 : 0;
      return this.fill(words.billions, { number: number.toFixed(digits) });
    },
    figure(value, unit) {
      const words = this.texts.numbers;
      if (unit === "gigawatts") return this.fill(this.texts.says.gigawatts, { number: value.toFixed(1) });
      if (unit !== "months") return this.money(value);
      if (value >= 60) return words.plenty;
      return this.fill(Math.round(value) === 1 ? words.month : words.months, { months: Math.round(value) });
    },
    tipOfNode(node) {
      const rows = this.texts.figures
        .filter(([key]) => node.figures[key] !== undefined)
        .map(([key, what, unit]) => ({ what, much: this.figure(node.figures[key], unit) }));
      const date = node.failed === null ? "" : this.texts.months[node.failed];
      const failed = date && this.fill(this.texts.says.failed, { date });
      const title = (this.texts.nodes[node.id] || node.id).replace("|", " ");
      return { title, much: failed || (node.ailing ? this.texts.says.ailing : ""), rows, hint: this.texts.says.inspect };
    },
    // The same for who hears the page instead of seeing it.
    toldOf(node) {
      const { title, much, rows } = this.tipOfNode(node);
      return [title, much, ...rows.map((row) => row.what + " " + row.much)].filter(Boolean).join("; ");
    },
    tipOfBand(band) {
      const name = (id) => (this.texts.nodes[id] || id).replace("|", " ");
      const rows = band.bands
        ? band.bands.map((one) => ({ what: name(one.from) + " → " + name(one.to), much: this.money(one.bn) }))
        : band.kinds.map(([kind, bn]) => ({ what: this.texts.kinds[kind] || kind, much: this.money(bn) }));
      const dyes = this.texts.dyes
        .map(([index, , what, colour]) => ({ what, colour, part: band.dyes[index] }))
        .filter((row) => row.part >= 0.005)
        .sort((a, b) => b.part - a.part)
        .map((row) => ({ ...row, much: this.fill(this.texts.numbers.percent, { number: Math.round(100 * row.part) }) }));
      const much = this.fill(this.texts.says.a_month, { amount: this.money(band.bn) });
      const title = band.bands ? this.texts.says.main : name(band.from) + " → " + name(band.to);
      return { title, much, rows: rows.concat(dyes) };
    },
  },
};
