// One page at a time.

// alone runs something on one page of the website at a time. A page that may not agree
// with others, such as a sandboxed one, is by itself.
const alone = async (name, run) => {
  let began = false;
  const once = () => {
    began = true;
    return run();
  };
  if (!navigator.locks) return once();
  try {
    return await navigator.locks.request(store.named(name), once);
  } catch (err) {
    if (began) throw err;
    return once();
  }
};
