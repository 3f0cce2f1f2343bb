package browser_test

import "testing"

// drops has the visitor drop files of so many bytes each into the chat.
func (p *tab) drops(sizes string) {
	p.run("const dropped = new DataTransfer(); " + sizes + ".forEach((size, i) => dropped.items.add(new File([new Uint8Array(size)], 'lamp' + i + '.png'))); " +
		"find('.panel').dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }))")
}

func TestFilesThatTheServerWouldRefuseAreNotTakenAndTheChatSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	for _, story := range []struct{ sizes, problem, chosen string }{
		{"[10, 6e6]", "lamp1 is larger than 5 MB.", "1"},
		{"[4e6, 4e6, 4e6]", "Send at most 10 MB at once.", "3"},
		{"[1, 1, 1]", "Send at most 5 files at once.", "5"},
	} {
		p.drops(story.sizes)
		p.until("find('.compose .problem').textContent.replace('.png', '') === '" + story.problem + "' && all('.chosen li').length === " + story.chosen)
	}
	p.click(".panel .send")
	p.until("all('.mine .file').length === 5 || all('.mine a').length === 5")
}
