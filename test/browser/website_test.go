package browser_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheSnippetWorksInABareFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "bare.html")
	check(t, os.WriteFile(file, []byte(w.embed(w.channel.ID)), 0o600))
	p := open(t, "file://"+file)
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	w.answer(w.conversation(), "Good morning")
	p.sees("Hello", "Good morning")
	p.picture("bare-file")
}

func TestTheChatStaysWhileAPageNavigatesByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.shop())
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	// Routers change the address and the content, and some add the snippet again.
	p.run(`history.pushState({}, '', '/lamps');
		document.querySelector('main').replaceChildren('All lamps');
		const again = document.createElement('script');
		again.src = document.querySelector('script[src*="widget.js"]').src;
		again.onload = () => document.title = 'again';
		document.body.append(again)`)
	p.until("document.title === 'again'")
	p.until("document.querySelectorAll('switchboard-chat').length === 1 && find('.panel')")
	p.run("document.documentElement.replaceChildren(document.createElement('head'), document.createElement('body'))")
	p.until("find('.panel')")
	w.answer(w.conversation(), "Good morning")
	p.sees("Hello", "Good morning")
}

func TestSeveralChatsOnAPageAreSeveralConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.newChat(`{"accent_colour":"green","position":"left"}`)
	p := open(t, w.page(shopPage(w.embed(w.channel.ID)+w.embed(second.ID))))
	for _, channel := range []string{w.channel.ID, second.ID} {
		p.click(".launcher", channel)
		p.until("find('textarea', '" + channel + "')")
		p.run("find('textarea', '" + channel + "').focus()")
		p.press("x", "x", 'X')
		p.press("Enter", "\r", 13)
		p.until("find('.mine .state', '" + channel + "')?.textContent === 'Delivered'")
	}
	p.accessible()
	p.picture("two-chats")
	var list struct {
		Items []struct {
			ChannelID string `json:"channel_id"`
		} `json:"items"`
	}
	w.asAgent("GET", "/conversations", nil, &list)
	if len(list.Items) != 2 || list.Items[0].ChannelID == list.Items[1].ChannelID {
		t.Errorf("conversations %+v", list.Items)
	}
}

func TestTheChatWorksOnASandboxedPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := open(t, w.page(shopPage(w.script(w.channel.ID)), "Content-Security-Policy", "sandbox allow-scripts"))
	p.openChat()
	p.write("Hello")
	p.delivered(1)
	w.answer(w.conversation(), "Good morning")
	p.sees("Hello", "Good morning")
}

func TestOfChatsInACornerOneIsOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.newChat(`{"accent_colour":"teal"}`)
	p := open(t, w.page(shopPage(w.embed(w.channel.ID)+w.embed(second.ID))))
	for _, channel := range []string{second.ID, w.channel.ID} {
		p.click(".launcher", channel)
		p.until("find('.panel', '" + channel + "')")
		p.until("document.elementFromPoint(800, 400).dataset.channel === '" + channel + "'")
	}
	p.until("!find('.panel', '" + second.ID + "')")
}
