// The messages of the open conversation: what is drawn already stays as it is, so that
// a voice message plays on while others come in.
export class Log {
  constructor(element) {
    this.element = element;
    this.drawn = new Map(); // by id: a version, and the element
    this.atEnd = true; // until somebody scrolls up
    this.scrolled = 0;
    element.addEventListener("load", () => this.toEnd(), true); // of a picture
    element.addEventListener("scroll", () => {
      if (element.scrollHeight - element.scrollTop - element.clientHeight < 40) this.atEnd = true;
      else if (element.scrollTop < this.scrolled) this.atEnd = false;
      this.scrolled = element.scrollTop;
    });
  }

  // show draws messages by id; what they show is the version. A conversation begins
  // with its end in view.
  show(messages, begins) {
    const { element } = this;
    this.atEnd ||= begins;
    const wanted = new Map();
    for (const { id, version, make } of messages) {
      const known = this.drawn.get(id);
      const shown = known?.version === version ? known : { version, element: make() };
      if (known && known !== shown) known.element.replaceWith(shown.element);
      wanted.set(id, shown);
    }
    for (const [id, { element: gone }] of this.drawn) if (!wanted.has(id)) gone.remove();
    let place = element.firstChild;
    for (const { element: next } of wanted.values()) {
      if (next === place) place = place.nextSibling;
      else element.insertBefore(next, place);
    }
    this.drawn = wanted;
    this.toEnd();
  }

  toEnd() {
    if (this.atEnd) this.element.scrollTop = this.element.scrollHeight;
  }
}
