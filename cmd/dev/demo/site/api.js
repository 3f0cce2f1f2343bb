// The public contract, api/openapi.yaml, as one agent.

// Refusal is a problem+json answer.
export class Refusal extends Error {
  constructor(problem) {
    super([problem.detail ?? problem.title, problem.remedy].filter(Boolean).join(" "));
    this.code = problem.code;
    this.field = problem.field;
  }
}

export class Client {
  constructor(token) {
    this.authorization = `Bearer ${token}`;
  }

  async call(method, path, body) {
    const headers = { Authorization: this.authorization };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (response.status === 204) return undefined;
    const answer = await response.json();
    if (!response.ok) throw new Refusal(answer);
    return answer;
  }

  // blob fetches a file; a plain link would not carry the token.
  async blob(path) {
    const response = await fetch(`/api/v1${path}`, { headers: { Authorization: this.authorization } });
    if (!response.ok) throw new Refusal(await response.json());
    return response.blob();
  }

  async download(path, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await this.blob(path));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  get(path) {
    return this.call("GET", path);
  }

  // list reads a list to its end.
  async list(path) {
    const items = [];
    const separator = path.includes("?") ? "&" : "?";
    for (let cursor = ""; ; ) {
      const page = await this.get(`${path}${separator}limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items);
      if (!page.next_cursor) return items;
      cursor = page.next_cursor;
    }
  }

  // listen calls back with every event until the signal, and continues after a break
  // with the last event it has seen.
  async listen(signal, happened, connected) {
    for (let last = ""; !signal.aborted; ) {
      try {
        const headers = { Authorization: this.authorization };
        if (last) headers["Last-Event-ID"] = last;
        const response = await fetch("/api/v1/events", { headers, signal });
        if (!response.ok) throw new Error(response.statusText);
        connected(true);
        for await (const event of eventsOf(response.body)) {
          last = event.id ?? last; // what is not kept has none
          happened(JSON.parse(event.data));
        }
      } catch (error) {
        if (signal.aborted) return;
        console.warn("events:", error);
      }
      connected(false);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

// eventsOf reads server-sent events.
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = {};
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
      }
      if (event.data) yield event;
    }
  }
}
