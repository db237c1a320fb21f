
"use strict";

// From the picture to the tables. `picture` is everything but the tools, `tools` the tools and conflicts; both come whole.
let picture = null;
let tools = null;

const healthTones = { healthy: "good", degraded: "warn", unhealthy: "bad", unauthenticated: "bad", unknown: "still" };
const toolStates = {
  visible: ["good", "visible"],
  backend_away: ["bad", "backend away"],
  lost_conflict: ["warn", "lost conflict"],
  filtered_out: ["still", "filtered out"],
  excluded: ["still", "excluded"],
  invalid_definition: ["bad", "invalid definition"],
  invalid_name: ["bad", "invalid name"],
  listed_twice: ["warn", "listed twice"],
};
const changeTones = { joined: "good", recovered: "good", changed: "still", degraded: "bad", left: "warn" };

function inTrouble(backend) {
  return backend.unserved || backend.health !== "healthy" || backend.breaker !== "closed";
}

function showPicture() {
  document.title = `${picture.name} · vmcp`;
  text(byId("name"), picture.name);
  text(byId("version"), `vmcp ${picture.version}`);
  text(byId("headline"), headline());
  showNotices();
  showFacts();
  showBackends();
  showSessions();
  showChanges();
}

function headline() {
  const unserved = picture.unserved ?? [], total = picture.backends_total + unserved.length;
  if (total === 0)
    return "No backend yet.";
  const healthy = picture.backends.filter(b => b.health === "healthy").length;
  const counts = healthy < total
    ? `${healthy} of ${plural(total, "backend")} healthy`
    : total === 1 ? "The one backend is healthy" : `All ${total} backends are healthy`;
  const out = [...picture.backends.filter(b => healthTones[b.health] === "bad"), ...unserved].map(b => b.name);
  const named = out.length === 0 ? "" : `; not served: ${out.slice(0, 3).join(", ")}${out.length > 3 ? ` and ${out.length - 3} more` : ""}`;
  return `${counts}${named}. ${plural(picture.counts.tools, "tool")} listed.`;
}

function showNotices() {
  const notices = [];
  if (!picture.ready)
    notices.push({ tone: "bad", title: "Not ready", detail: picture.not_ready_reason ?? "" });
  if (picture.config.error)
    notices.push({ tone: "bad", title: "The last edit of the configuration was refused", detail: picture.config.error, at: picture.config.error_at });
  if (picture.source?.trouble)
    notices.push({ tone: "warn", title: "The source of backends is in trouble; the last good set is served", detail: picture.source.trouble, at: picture.source.trouble_since });
  if (!picture.monitoring)
    notices.push({ tone: "warn", title: "Health monitoring is off", detail: "what is known of a backend is from its last use" });
  fill(byId("notices"), notices, n => n.title, n => make("li", { "data-tone": n.tone }, make("b", { text: n.title }), n.detail ? ": " : "",
    make("bdi", { text: n.detail }), n.at ? " " : "", age(n.at, "(", " ago)") ?? ""));
}

function showFacts() {
  const source = picture.source;
  const facts = [
    ["Mode", picture.mode],
    source
      ? ["Source", `${source.kind}, ${source.trouble ? "in trouble" : source.synced ? "synced" : "first sync under way"}`, source.last_contact, ", last contact "]
      : ["Configuration", `revision ${picture.config.generation}`, picture.config.loaded_at, ", loaded "],
    ["Group", picture.group],
    ["Offered", `${plural(picture.counts.tools, "tool")}, ${plural(picture.counts.resources, "resource")}, ${plural(picture.counts.prompts, "prompt")}`],
  ];
  fill(byId("facts"), facts, f => f[0], ([label, value, at, before]) => make("div", {},
    make("dt", { text: label }), make("dd", {}, make("bdi", { text: value }), at ? age(at, before, " ago") : "")));
}

function showBackends() {
  const unserved = (picture.unserved ?? []).map(u => ({ ...u, unserved: true }));
  const all = [...picture.backends, ...unserved];
  const shown = byId("backends-trouble").checked ? all.filter(inTrouble) : all;
  fill(byId("backends"), shown, b => (b.unserved ? "-" : "+") + b.name, b => b.unserved ? unservedRow(b) : backendRow(b));
  const hidden = picture.backends_total - picture.backends.length;
  text(byId("backends-count"), `${picture.backends_total + unserved.length}${hidden > 0 ? `, the first ${picture.backends.length} shown` : ""}`);
  byId("backends-empty").hidden = shown.length > 0;
  text(byId("backends-empty"), all.length > 0 ? "None is in trouble." : "No backend is known yet.");
}

function backendRow(b) {
  const last = b.probes.at(-1);
  const offered = [b.resources > 0 ? plural(b.resources, "resource") : "", b.prompts > 0 ? plural(b.prompts, "prompt") : ""].filter(Boolean).join(", ");
  const details = [b.transport === "sse" ? "HTTP+SSE" : "", b.revision ? `MCP ${b.revision}` : b.per_user && b.listed ? "answers its users" : "not reached yet"].filter(Boolean).join(" · ");
  const since = age(b.since, "for ");
  return row(rowHead(name(b.name), small(details)),
    cell("Health", make("span", {}, badge(healthTones[b.health], b.health), since ? make("small", {}, since) : "")),
    cell("Breaker", make("span", {}, b.breaker === "closed" ? make("span", { class: "quiet", text: "closed" }) : badge(b.breaker === "open" ? "bad" : "warn", b.breaker),
      b.breaker_since ? make("small", {}, age(b.breaker_since, "for ")) : "")),
    cell("Last error", b.error ? make("span", {}, b.error.replaceAll("_", " "), small(b.failures > 1 ? `${b.failures} in a row` : "once") ?? "") : make("span", { class: "quiet", text: "none" })),
    cell("Auth", make("span", { text: b.auth.replaceAll("_", " ") })),
    cell("Tools", make("span", {}, b.per_user ? "–" : String(b.tools), small(!b.listed ? "not listed" : b.per_user ? "by user" : offered) ?? ""), { class: "number" }),
    cell("Last 60 probes", make("span", { class: "spark" }, ...(last === undefined ? ["–"] : [sparkline(b.probes), last < 0 ? "failed" : milliseconds(last)])), { class: "probes" }),
    cell("Checked", b.checked ? age(b.checked, "", " ago") : make("span", { class: "quiet", text: "not yet" }), { class: "number" }));
}

function unservedRow(b) {
  return row(rowHead(name(b.name), small("exists, is not called")),
    cell("Health", badge("bad", "not served")),
    cell("Why", make("span", {}, make("b", { text: b.reason }), ": ", make("bdi", { text: b.message })), { colspan: 6 }));
}

function showSessions() {
  const s = picture.sessions;
  const rows = [
    ...(s.legacy.length ? s.legacy : [{ revision: "", count: 0 }]).map(l => ["Legacy", l.revision ? `sessions of MCP ${l.revision}` : "sessions", l.count]),
    ["Modern", "listen streams", s.listening],
    ["Modern", "clients with sessions held at Legacy backends", s.held_for_modern],
  ];
  fill(byId("sessions"), rows, r => r[0] + r[1], ([era, what, count]) => row(
    rowHead(era), cell("What", what), cell("Open", make("span", { text: String(count) }), { class: "number" })));
}

const fewChanges = 10;

function showChanges() {
  const button = byId("changes-all"), all = picture.changes, whole = button.getAttribute("aria-expanded") === "true";
  fill(byId("changes"), whole ? all : all.slice(0, fewChanges), change => JSON.stringify(change), changeRow);
  button.hidden = all.length <= fewChanges;
  text(button, whole ? "show fewer" : "show all");
  text(byId("changes-count"), all.length > 0 ? String(all.length) : "");
  byId("changes-empty").hidden = all.length > 0;
}

function changeRow(change) {
  return row(null, cell("When", age(change.at, "", " ago")), cell("Backend", name(change.backend)),
    cell("What", badge(changeTones[change.what] ?? "still", change.what)), cell("Why", make("bdi", { text: change.reason })));
}
