package browser_test

import "testing"

// A website that filled the browser's storage.
const full = `<script>
for (let size = 1e6; size >= 1; size = Math.floor(size / 10)) try { for (let i = 0; ; i++) localStorage.setItem(size + '-' + i, 'x'.repeat(size)) } catch {}
</script>`

func TestWhatAFullStorageDoesNotTakeThePageRemembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.page(shopPage(full+w.script(w.channel.ID))))
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	w.answer(w.conversation(), "Good morning")
	p.sees("Hello", "Good morning")
	p.until("root().querySelector('.badge').hidden")
	p.click(".panel .tools button[aria-label=Sound]")
	p.until("find('.tools button[aria-label=Sound]').getAttribute('aria-pressed') === 'false'")
}
