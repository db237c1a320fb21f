
"use strict";

const mostRows = 500;

function showTools() {
  if (!tools)
    return;
  const find = byId("tools-find").value.trim().toLowerCase(), show = byId("tools-show").value;
  const fits = tool => (!show || tool.outcome === show)
    && (!find || [tool.backend, tool.original, tool.exposed ?? ""].some(part => part.toLowerCase().includes(find)));
  const fitting = tools.tools.filter(fits), shown = fitting.slice(0, mostRows);
  const groups = [];
  for (const tool of shown) {
    if (groups.at(-1)?.backend !== tool.backend)
      groups.push({ backend: tool.backend, tools: [], all: [] });
    groups.at(-1).tools.push(tool);
  }
  for (const group of groups) {
    const all = tools.tools.filter(tool => tool.backend === group.backend);
    group.all = [all.length, all.filter(tool => tool.outcome === "visible").length];
  }
  const table = document.querySelector("table.tools");
  const head = table.tHead;
  head.remove();
  fill(table, groups, group => group.backend, toolGroup);
  table.prepend(head);
  const total = tools.tools_total;
  text(byId("tools-count"), fitting.length === total && shown.length === total ? String(total) : `${fitting.length} of ${total}`);
  byId("tools-empty").hidden = shown.length > 0 && shown.length === fitting.length;
  text(byId("tools-empty"), fitting.length > shown.length
    ? `${fitting.length - shown.length} more; narrow the search to see them.`
    : total === 0 ? "No backend has told its tools yet." : "No tool fits.");
}

function toolGroup(group) {
  const [all, visible] = group.all;
  const head = make("th", { role: "rowheader", scope: "rowgroup", colspan: 4 }, name(group.backend), small(`${plural(all, "tool")}, ${visible} visible`));
  return make("tbody", { role: "rowgroup" }, make("tr", { role: "row", class: "group" }, head), ...group.tools.map(toolRow));
}

function toolRow(tool) {
  const [tone, word] = toolStates[tool.outcome] ?? ["still", tool.outcome];
  return row(null,
    cell("Clients see", tool.exposed ? name(tool.exposed) : make("span", { class: "quiet", text: "–" })),
    cell("At the backend", tool.original === tool.exposed ? make("span", { class: "quiet", text: "the same" }) : name(tool.original),
      { class: tool.original === tool.exposed ? "same" : null }),
    cell("State", badge(tone, word)),
    cell("Why", tool.why.length ? make("span", {}, ...tool.why.map(why => make("bdi", { class: "line", text: why }))) : null));
}

function showConflicts() {
  byId("conflicts-section").hidden = tools.conflicts_total === 0;
  const more = tools.conflicts_total - tools.conflicts.length;
  text(byId("conflicts-count"), String(tools.conflicts_total) + (more > 0 ? `, the first ${tools.conflicts.length} shown` : ""));
  fill(byId("conflicts"), tools.conflicts, c => c.kind + " " + c.name + " " + c.reason, c => row(
    rowHead(name(c.name)), cell("Kind", c.kind), cell("Goes to", c.winner ? name(c.winner) : "nobody"), cell("Lost by", name(c.losers)),
    cell("Why", make("bdi", { text: c.reason }))));
}

// The stream. The browser reconnects by itself after a cut, not after a refusal (503, 404), and cannot see a connection that died in
// silence; so all three are handled here.
let stream = null;
let heard = 0;
let lostAt = null;

function setLink(state, words) {
  const link = byId("link");
  link.dataset.state = state;
  text(link, words);
  document.body.toggleAttribute("data-stale", state === "lost");
}

function listen() {
  stream?.close();
  stream = new EventSource("dashboard/events");
  heard = Date.now();
  const take = use => event => {
    const data = JSON.parse(event.data);
    heard = Date.now();
    lostAt = null;
    setNow(data.now);
    setLink("live", "live");
    use(data);
  };
  stream.addEventListener("picture", take(data => {
    picture = data;
    showPicture();
  }));
  stream.addEventListener("tools", take(data => {
    tools = data;
    showTools();
    showConflicts();
  }));
  stream.addEventListener("alive", take(() => {}));
  stream.addEventListener("stopping", () => lose("the gateway is stopping"));
  stream.addEventListener("error", () => lose("disconnected"));
}

function lose(why) {
  stream.close();
  lostAt ??= Date.now();
  setLink("lost", picture ? `${why}; this is how it was at ${new Date(lostAt).toLocaleTimeString()}` : why);
  setTimeout(listen, 2000);
}

setInterval(() => {
  if (document.hidden)
    return;
  refreshAges();
  if (stream.readyState === EventSource.OPEN && Date.now() - heard > 50000)
    lose("disconnected");
}, 1000);

for (const [value, word] of [["", "all"], ...Object.entries(toolStates).map(([state, [, word]]) => [state, word])])
  byId("tools-show").append(make("option", { value, text: word }));
byId("tools-find").addEventListener("input", showTools);
byId("tools-show").addEventListener("change", showTools);
byId("changes-all").addEventListener("click", event => {
  event.target.setAttribute("aria-expanded", event.target.getAttribute("aria-expanded") === "true" ? "false" : "true");
  showChanges();
});
byId("backends-trouble").addEventListener("change", () => picture && showBackends());
listen();
