
"use strict";

// Building blocks. Texts come from backends that may be hostile: they reach the document through textContent and setAttribute of plain
// attributes only, and the page's policy (Trusted Types) makes anything else throw.
const byId = id => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false)
      continue;
    if (name === "text")
      element.textContent = value;
    else
      element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

function text(element, value) {
  if (element.textContent !== value)
    element.textContent = value;
}

// Makes the children of a parent those of the items, in order. An item whose look did not change keeps its element, so that a selection
// or the reader's place survives an update.
function fill(parent, items, keyOf, build) {
  const known = new Map([...parent.children].map(child => [child.dataKey, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item), look = JSON.stringify(item);
    let element = known.get(key);
    known.delete(key);
    if (!element || element.dataLook !== look) {
      const next = build(item);
      next.dataKey = key;
      next.dataLook = look;
      if (element) {
        if (place === element)
          place = next;
        element.replaceWith(next);
      }
      element = next;
    }
    if (element === place)
      place = place.nextElementSibling;
    else
      parent.insertBefore(element, place);
  }
  // What was not placed is gone; by place and not by key, for two rows may look alike.
  while (place) {
    const gone = place;
    place = place.nextElementSibling;
    gone.remove();
  }
}

function row(head, ...cells) {
  return make("tr", { role: "row" }, ...(head ? [head] : []), ...cells);
}

function rowHead(...children) {
  return make("th", { role: "rowheader", scope: "row" }, ...children);
}

function cell(label, content, properties = {}) {
  const children = Array.isArray(content) ? content : [content];
  const shown = children.filter(child => child !== null && child !== "");
  return make("td", { role: "cell", "data-label": label, ...properties },
    ...shown.map(child => typeof child === "string" ? make("span", { text: child }) : child));
}

const marks = { good: "●", warn: "▲", bad: "✕", still: "○" };

function badge(tone, word) {
  const mark = make("span", { "aria-hidden": "true", text: marks[tone] + " " });
  return make("span", { class: "badge", "data-tone": tone }, mark, word);
}

const name = value => make("bdi", { text: value });
const small = value => value ? make("small", { text: value }) : null;
const plural = (count, what) => count === 1 ? `1 ${what}` : `${count} ${what}s`;

// Ages move on by the gateway's clock, whatever the clock of this machine says.
let skew = 0;

function setNow(now) {
  skew = Date.parse(now) - Date.now();
}

function ageOf(at) {
  const seconds = Math.max(0, Math.round((Date.now() + skew - Date.parse(at)) / 1000));
  if (seconds < 60)
    return `${seconds} s`;
  if (seconds < 3600)
    return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400)
    return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d`;
}

function age(at, before = "", after = "") {
  if (!at)
    return null;
  return make("time", { datetime: at, title: new Date(at).toLocaleString(), "data-before": before, "data-after": after, text: before + ageOf(at) + after });
}

function refreshAges() {
  for (const element of document.querySelectorAll("time[datetime]"))
    text(element, element.getAttribute("data-before") + ageOf(element.dateTime) + element.getAttribute("data-after"));
}

const milliseconds = ms => ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

// The last probes as a line on a logarithmic scale: 2 ms and 2 s can both be seen. A failed probe is a cross on the ground.
function sparkline(probes) {
  const width = 150, height = 20, ground = height - 2, step = width / 60;
  const good = probes.filter(ms => ms > 0), failed = probes.length - good.length;
  const top = Math.log1p(Math.max(10, ...good));
  const x = index => width - (probes.length - index - .5) * step;
  const y = ms => ground - Math.log1p(ms) / top * (ground - 2);
  let line = "", area = "", crosses = "", start = null;
  probes.forEach((ms, index) => {
    if (ms < 0) {
      crosses += `M${(x(index) - 2).toFixed(1)} ${ground - 4}l4 4m0-4l-4 4`;
      start = null;
      return;
    }
    const last = index === probes.length - 1 || probes[index + 1] < 0;
    line += `${start === null ? "M" : "L"}${x(index).toFixed(1)} ${y(ms).toFixed(1)}`;
    if (start === null && last)
      line += "h.1";
    start ??= index;
    if (last) {
      const part = probes.slice(start, index + 1).map((value, at) => `L${x(start + at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
      area += `M${x(start).toFixed(1)} ${ground}${part}L${x(index).toFixed(1)} ${ground}Z`;
    }
  });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const sorted = [...good].sort((a, b) => a - b);
  const told = good.length === 0
    ? `${failed} probes, all failed`
    : `${plural(probes.length, "probe")}: median ${milliseconds(sorted[sorted.length >> 1])}, longest ${milliseconds(sorted.at(-1))}, ${failed} failed`;
  for (const [attribute, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": told }))
    svg.setAttribute(attribute, value);
  const title = document.createElementNS(svg.namespaceURI, "title");
  title.textContent = told;
  svg.append(title);
  for (const [kind, d] of [["ground", `M0 ${ground}H${width}`], ["area", area], ["line", line], ["fail", crosses]]) {
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("class", kind);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
