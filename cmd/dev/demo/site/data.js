// What the pages know of the demo data: agents with their tokens, channels, and where
// things are.
export async function loadData() {
  const response = await fetch("data.json");
  if (!response.ok) throw new Error(await response.text());
  const data = await response.json();
  data.mail_page = data.mail_url.replace(/mail$/, "");
  for (const link of document.querySelectorAll("a[data-href]")) {
    link.href = data[link.dataset.href];
    link.target = "_blank";
  }
  return data;
}
