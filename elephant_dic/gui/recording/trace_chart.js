// The chart of a sweep: spikes on top, the potential below them, the injected current at the bottom, on one
// axis of time. Drawn by ECharts; the data of a view come from the server, as few as the screen has pixels.
import { echarts } from "nicegui-echart";

const LIGHT = {
  text: "#444", line: "#222", faint: "#00000014", spikes: "#0072B2", box: "#fff", unread: "#8080804d",
};
const DARK = {
  text: "#d6d6d6", line: "#e6e6e6", faint: "#ffffff22", spikes: "#56B4E9", box: "#333", unread: "#00000080",
};
const RED = "#D55E00", CHOSEN = "#56B4E94d", CROSS = "path://M0,0 L10,10 M10,0 L0,10";
const GRAB = 6; // pixels from the threshold, or from a spike, that count as on it
const STILL = 4; // pixels that a click may move
const PAUSE = 60; // ms without a change of the view before finer data are asked for
const NARROW = 600; // pixels

function colours() {
  return document.body.classList.contains("body--dark") ? DARK : LIGHT;
}

// Where the rows are, from top to bottom; the server gives the chart the height for them.
function grids(frame, width) {
  const sides = width < NARROW ? { left: 46, right: 8 } : { left: 62, right: 16 };
  const heights = [[frame.potential ? 26 : 84, 22]];
  if (frame.potential) heights.push([210, 26]);
  if (frame.current) heights.push([56, 0]);
  let top = 8;
  return heights.map(([height, gap]) => {
    const grid = { top, height, ...sides };
    top += height + gap;
    return grid;
  });
}

function timeAxes(frame, n, { text }) {
  return Array.from({ length: n }, (_, gridIndex) => {
    const show = gridIndex === n - 1;
    return {
      type: "value", gridIndex, min: frame.start, max: frame.stop, splitLine: { show: false },
      axisLine: { show, onZero: false, lineStyle: { color: text } }, axisTick: { show },
      axisLabel: { show, color: text, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
      axisPointer: { label: { show: false }, lineStyle: { color: text } },
      name: show ? "Time in the recording (s)" : "", nameLocation: "middle", nameGap: 28,
      nameTextStyle: { color: text },
    };
  });
}

function valueAxes(frame, picture, { text, faint }) {
  const axis = (gridIndex, name, [min, max], splitNumber, show = true) => ({
    type: "value", gridIndex, name, min, max, splitNumber, show, nameGap: 8,
    nameTextStyle: { color: text, align: "left" }, splitLine: { lineStyle: { color: faint } },
    axisLabel: { color: text, showMinLabel: false, showMaxLabel: false },
  });
  const found = [axis(0, picture.counts ? "spikes a pixel" : "", [0, highest(picture)], 1, !!picture.counts)];
  if (frame.potential) found.push(axis(1, `${frame.name} (mV)`, frame.potential, 4));
  if (frame.current) found.push(axis(found.length, "Injected current (pA)", frame.current, 2));
  return found;
}

// Of the row of spikes.
function highest(picture) {
  return picture.counts ? Math.max(1, ...picture.counts) : 1;
}

function series(frame, picture, level, shade, colour) {
  const on = (index) => ({ xAxisIndex: index, yAxisIndex: index, animation: false, markArea: shade });
  const line = { type: "line", showSymbol: false };
  const middle = (times) => times.map((time) => [time, highest(picture) / 2]);
  const found = [];
  if (picture.counts) {
    const { counts_from: from, counts_step: step } = picture, { spikes: color } = colour;
    const style = { step: "middle", lineStyle: { width: 1, color }, areaStyle: { color, opacity: 0.3 } };
    const data = picture.counts.map((count, k) => [from + (k + 0.5) * step, count]);
    found.push({ id: "spikes", ...line, ...style, data, ...on(0) });
  } else {
    const tick = { type: "scatter", symbol: "rect", silent: true, itemStyle: { color: colour.spikes } };
    const style = { symbolSize: [2, frame.potential ? 16 : 40] };
    found.push({ id: "spikes", ...tick, ...style, data: middle(picture.spikes), ...on(0) });
  }
  found.push({
    id: "rejected", type: "scatter", symbol: CROSS, symbolSize: 10, silent: true, xAxisIndex: 0,
    yAxisIndex: 0, data: middle(picture.rejected),
    itemStyle: { color: "transparent", borderColor: RED, borderWidth: 2 },
  });
  if (frame.potential) {
    const style = { lineStyle: { width: 1, color: colour.line }, itemStyle: { color: colour.line } };
    const data = picture.times.map((time, k) => [time, picture.volts[k]]);
    found.push({ id: "trace", ...line, ...style, data, ...on(1) });
    if (level != null) found.push(thresholdLine(frame, level));
  }
  if (frame.current) {
    const style = { lineStyle: { width: 1.5, color: RED }, itemStyle: { color: RED } };
    const data = picture.current_times.map((time, k) => [time, picture.current[k]]);
    found.push({ id: "current", ...line, ...style, data, ...on(frame.potential ? 2 : 1) });
  }
  return found;
}

function thresholdLine(frame, level) {
  return {
    id: "threshold", type: "line", showSymbol: false, silent: true, xAxisIndex: 1, yAxisIndex: 1,
    lineStyle: { type: "dashed", width: 1.5, color: RED }, data: [[frame.start, level], [frame.stop, level]],
  };
}

// Zooms of time for all rows, by the wheel and by dragging; of the potential by the wheel with the key alt.
function zooms(n, hasPotential, [startValue, endValue]) {
  const inside = { type: "inside", filterMode: "none", preventDefaultMouseMove: false };
  const all = { xAxisIndex: [...Array(n).keys()], minValueSpan: 1e-3 };
  const found = [{ id: "time", ...inside, ...all, startValue, endValue }];
  const by = { zoomOnMouseWheel: "alt", moveOnMouseMove: false, moveOnMouseWheel: false };
  return hasPotential ? [...found, { id: "potential", ...inside, yAxisIndex: [1], ...by }] : found;
}

// The label of the cursor on the other side, so that it hides nothing near the pointer.
function beside([x], parameters, element, rectangle, { contentSize, viewSize }) {
  return [x < viewSize[0] / 2 ? viewSize[0] - contentSize[0] - 20 : 70, 40];
}

// The current at a time, on the line through its points.
function currentAt({ current_times: times, current }, time) {
  const found = times.findIndex((each) => each > time), after = found < 0 ? times.length - 1 : found;
  const before = Math.max(after - 1, 0), gap = times[after] - times[before];
  const share = gap > 0 ? (time - times[before]) / gap : 1;
  return current[before] + share * (current[after] - current[before]);
}

export default {
  template:
    '<div tabindex="0" role="application" aria-roledescription="chart" :aria-label="toldAloud"></div>',
  props: {
    label: String,
    frame: Object, // start, stop, name, potential [low, high], current [low, high]
    view: Array, // start and stop of what is shown at first
    picture: Object, // what is drawn: see traces.py
    threshold: Number,
    stretch: Array, // start and stop of what is read; null where that is the sweep's own
    brush: Boolean, // whether to drag is to choose a stretch
  },
  data() {
    return { zoomed: [...this.view] };
  },
  computed: {
    toldAloud() {
      const [start, stop] = this.zoomed.map((time) => +time.toFixed(this.digits()));
      return `${this.label} Shown: ${start} to ${stop} s.`;
    },
  },
  mounted() {
    this.chart = echarts.init(this.$el, null, { renderer: "canvas" });
    this.chart.on("datazoom", () => this.viewChanged());
    this.drag = null;
    const listen = (name, handler) => this.$el.addEventListener(name, handler, { capture: true });
    listen("pointerdown", (event) => this.press(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.release(event));
    listen("pointercancel", () => this.cancel());
    listen("keydown", (event) => this.key(event));
    for (const name of ["mousedown", "touchstart"]) // which would move the view
      listen(name, (event) => this.drag && this.drag.kind !== "click" && event.stopPropagation());
    this.resizing = new ResizeObserver(() => {
      this.chart.resize();
      this.update_chart();
    });
    this.resizing.observe(this.$el);
    this.recolouring = new MutationObserver(() => this.update_chart());
    this.recolouring.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    this.update_chart();
  },
  beforeUnmount() {
    clearTimeout(this.timer);
    this.resizing.disconnect();
    this.recolouring.disconnect();
    this.chart.dispose();
  },
  methods: {
    // --- drawing -----------------------------------------------------------------------------------------
    update_chart() {
      if (!this.chart) return;
      this.level = this.threshold;
      const { frame, picture } = this, colour = colours(), rows = grids(frame, this.$el.clientWidth);
      const options = {
        animation: false, grid: rows,
        xAxis: timeAxes(frame, rows.length, colour), yAxis: valueAxes(frame, picture, colour),
        series: series(frame, picture, this.level, this.shade(), colour),
        dataZoom: zooms(rows.length, !!frame.potential, this.zoomed),
        axisPointer: { link: [{ xAxisIndex: "all" }] },
        tooltip: {
          trigger: "axis", confine: true, transitionDuration: 0, axisPointer: { type: "line" },
          position: beside, formatter: (found) => this.told(found),
          backgroundColor: colour.box, textStyle: { color: colour.line },
        },
      };
      this.chart.setOption(options, { replaceMerge: ["series", "grid", "xAxis", "yAxis"] });
    },
    // What is not read is grey; a stretch that is being chosen is blue.
    shade() {
      const area = (from, to, color) => [{ xAxis: from, itemStyle: { color } }, { xAxis: to }];
      const [start, stop] = this.stretch, data = [], { unread } = colours();
      if (start != null) data.push(area(this.frame.start, start, unread));
      if (stop != null) data.push(area(stop, this.frame.stop, unread));
      if (this.drag?.kind === "stretch") data.push(area(...this.drag.stretch, CHOSEN));
      return { silent: true, animation: false, data };
    },
    // After the point, by which ten thousand times of the view can be told apart.
    digits() {
      return Math.min(7, Math.max(0, 4 - Math.floor(Math.log10(this.zoomed[1] - this.zoomed[0]))));
    },
    told(found) {
      const time = found[0].axisValue, potential = found.find((each) => each.seriesId === "trace")?.value;
      const lines = [`${+time.toFixed(this.digits())} s`];
      if (potential) lines.push(`${potential[1]} mV`);
      if (this.frame.current) lines.push(`${+currentAt(this.picture, time).toPrecision(5)} pA`);
      return lines.join("<br>");
    },
    // --- the view ----------------------------------------------------------------------------------------
    show_view(start, stop) {
      this.chart.dispatchAction({ type: "dataZoom", dataZoomId: "time", startValue: start, endValue: stop });
    },
    viewChanged() {
      const { startValue: start, endValue: stop } = this.chart.getOption().dataZoom[0];
      this.zoomed = [start, stop];
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.$emit("view", { start, stop, width: this.$el.clientWidth }), PAUSE);
    },
    key(event) {
      const [start, stop] = this.zoomed, span = stop - start, { frame } = this;
      const found = {
        ArrowLeft: [start - span / 4, stop - span / 4], ArrowRight: [start + span / 4, stop + span / 4],
        "+": [start + span / 4, stop - span / 4], "-": [start - span / 2, stop + span / 2],
        Home: [frame.start, frame.stop],
      }[event.key];
      if (!found) return;
      event.preventDefault();
      const width = Math.min(found[1] - found[0], frame.stop - frame.start);
      const from = Math.min(Math.max(found[0], frame.start), frame.stop - width);
      this.show_view(from, from + width);
    },
    // --- the pointer -------------------------------------------------------------------------------------
    place(event) {
      const box = this.$el.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
      return { x, y, time: Math.min(Math.max(this.timeAt(x), this.frame.start), this.frame.stop) };
    },
    timeAt(x) {
      return this.chart.convertFromPixel({ gridIndex: 0 }, [x, 0])[0];
    },
    isOnThreshold(y) {
      if (this.level == null || !this.frame.potential) return false;
      return Math.abs(this.chart.convertToPixel({ yAxisIndex: 1 }, this.level) - y) <= GRAB;
    },
    press(event) {
      if (event.button !== 0) return;
      const from = this.place(event), isStretch = this.brush || event.shiftKey;
      const kind = this.isOnThreshold(from.y) ? "threshold" : isStretch ? "stretch" : "click";
      this.drag = { kind, from, stretch: [from.time, from.time] };
      if (kind === "click") return;
      this.$el.setPointerCapture(event.pointerId);
      this.$el.focus();
    },
    move(event) {
      const place = this.place(event), { drag } = this;
      const isOn = drag ? drag.kind === "threshold" : this.isOnThreshold(place.y);
      this.$el.classList.toggle("on-threshold", isOn);
      if (!drag || drag.kind === "click") return;
      event.stopPropagation();
      if (drag.kind === "threshold") {
        const [low, high] = this.frame.potential;
        this.level = Math.min(Math.max(this.chart.convertFromPixel({ yAxisIndex: 1 }, place.y), low), high);
        this.chart.setOption({ series: [thresholdLine(this.frame, this.level)] });
      } else {
        drag.stretch = [drag.from.time, place.time].sort((a, b) => a - b);
        const id = this.frame.potential ? "trace" : "spikes";
        this.chart.setOption({ series: [{ id, markArea: this.shade() }] });
      }
    },
    release(event) {
      const { drag } = this, place = this.place(event);
      this.drag = null;
      if (!drag) return;
      const moved = Math.hypot(place.x - drag.from.x, place.y - drag.from.y) >= STILL;
      if (drag.kind === "threshold" && moved) this.$emit("threshold", { value: this.level });
      else if (drag.kind === "stretch" && moved) {
        const [start, stop] = drag.stretch;
        this.$emit("stretch", { start, stop });
      } else if (drag.kind === "click" && !moved && this.isOnSpikes(place))
        this.$emit("pick", { time: place.time, reach: this.timeAt(place.x + GRAB) - this.timeAt(place.x) });
      else if (!moved) this.update_chart();
    },
    isOnSpikes({ x, y }) {
      const rows = this.frame.potential ? [0, 1] : [0];
      return rows.some((gridIndex) => this.chart.containPixel({ gridIndex }, [x, y]));
    },
    cancel() {
      this.drag = null;
      this.update_chart();
    },
  },
};
