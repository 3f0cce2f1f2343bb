package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"switchboard/test/standins/daemon"
)

// patience bounds each wait: a busy machine is slow.
const patience = 3 * time.Minute

// open starts a Chromium with a profile of its own and leads it to a page.
func open(t *testing.T, address string, before ...step) *tab {
	t.Helper()
	daemon.Require(t, daemon.Installed("chromium"), "no browser: install chromium")
	allocator, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(patience),
	)
	t.Cleanup(stop)
	return newTab(t, allocator, address, before...)
}

func newTab(t *testing.T, browser context.Context, address string, before ...step) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithListener(func(event any) {
		if thrown, ok := event.(*runtime.EventExceptionThrown); ok {
			t.Errorf("the page threw %s %+v", thrown.ExceptionDetails.Text, thrown.ExceptionDetails.Exception)
		}
	}))
	t.Cleanup(closeTab)
	p := &tab{t, ctx, closeTab}
	check(t, chromedp.Do(ctx)) // the browser lives as long as the first tab's context
	p.do(chromedp.EmulateViewport(1000, 760))
	p.do(before...)
	p.visit(address)
	return p
}

// another opens a second tab of the same browser.
func (p *tab) another(address string) *tab {
	p.t.Helper()
	return newTab(p.t, p.ctx, address)
}

// front puts the tab before the others.
func (p *tab) front() {
	p.t.Helper()
	p.do(command(page.BringToFront, cdp.Empty{}))
	p.until("document.visibilityState === 'visible'")
}

// tab is a page of a browser; what it throws fails the test.
type tab struct {
	t     *testing.T
	ctx   context.Context
	close func()
}

// visit leads the tab to a page and waits until its document is there.
func (p *tab) visit(address string) {
	p.t.Helper()
	p.do(command(page.Navigate, page.NavigateParams{URL: address}))
	p.until("location.href.startsWith(" + jsonOf(p.t, address) + ") && document.readyState !== 'loading'")
}

// reload is what a visitor does with F5.
func (p *tab) reload() {
	p.t.Helper()
	p.run("window.before = true")
	p.do(command(page.Reload, page.ReloadParams{}))
	p.until("!window.before && document.readyState !== 'loading'")
}

// step is something to do in a tab.
type step = chromedp.Action[chromedp.Void]

// command is a step that is one command of the browser's protocol.
func command[P, R any](method cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, method, params)
		return err
	})
}

func (p *tab) do(steps ...step) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	check(p.t, chromedp.Do(ctx, steps...))
}

// eval returns what an expression of JavaScript is.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return must(chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)))(p.t)
}

// until waits for an expression to become true; it may use find and text.
func (p *tab) until(expression string) {
	p.t.Helper()
	p.untilBy(func() {}, expression)
}

// untilBy does something again each second until an expression has become true.
func (p *tab) untilBy(doing func(), expression string) {
	p.t.Helper()
	deadline, ticker := time.Now().Add(patience), time.NewTicker(30*time.Millisecond)
	defer ticker.Stop()
	for next := time.Now(); time.Now().Before(deadline); {
		if !time.Now().Before(next) {
			doing()
			next = time.Now().Add(time.Second)
		}
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => {"+inside+" return !!("+expression+")})()"))
		cancel()
		if err == nil && is { // a page that is being left has no answer
			return
		}
		<-ticker.C
	}
	p.t.Fatalf("never true: %s; the widget says:\n%s", expression, eval[string](p, "(() => {"+inside+" return root()?.querySelector('.frame')?.innerText ?? 'nothing'})()"))
}

// inside finds elements of the widget: the first one's, or a channel's.
const inside = `
const root = (channel) => document.querySelector(channel ? 'switchboard-chat[data-channel="' + channel + '"]' : 'switchboard-chat')?.shadowRoot;
const find = (selector, channel) => [...root(channel)?.querySelectorAll(selector) ?? []].find((e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}));
const all = (selector) => [...root()?.querySelectorAll(selector) ?? []].map((e) => e.textContent);
`

func (p *tab) run(script string) {
	p.t.Helper()
	p.do(chromedp.Evaluate[chromedp.Void]("(() => {" + inside + script + "})()"))
}

// click clicks what a visitor sees.
func (p *tab) click(selector string, channel ...string) {
	p.t.Helper()
	in := ""
	if len(channel) > 0 {
		in = channel[0]
	}
	p.until(fmt.Sprintf("find(%q, %q)", selector, in))
	at := eval[[]float64](p, fmt.Sprintf("(() => {%s const r = find(%q, %q).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]})()", inside, selector, in))
	p.do(chromedp.MouseClickXY(at[0], at[1]))
}

func (p *tab) openChat() {
	p.t.Helper()
	p.click(".launcher")
	p.until("find('.panel') && find('textarea')")
}

// write types a message and sends it with the keyboard.
func (p *tab) write(text string) {
	p.t.Helper()
	p.run("find('textarea').focus()")
	p.do(chromedp.KeyEvent(text))
	p.press("Enter", "\r", 13)
}

// press is one key; unlike chromedp's it leaves it to the page whether the key
// becomes text.
func (p *tab) press(key, text string, code int64) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{
				Type: kind, Key: key, Code: key, Text: text, WindowsVirtualKeyCode: code,
			}); err != nil {
				return err
			}
			text = ""
		}
		return nil
	}))
}

// sees waits for texts, in order, each once.
func (p *tab) sees(texts ...string) {
	p.t.Helper()
	p.until("JSON.stringify(all('.message .text')) === JSON.stringify(" + jsonOf(p.t, texts) + ")")
}

// delivered waits until so many of the visitor's messages are stored.
func (p *tab) delivered(count int) {
	p.t.Helper()
	p.until(fmt.Sprintf("all('.mine .state').filter((state) => ['Delivered', 'Read'].includes(state)).length === %d", count))
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	return string(must(json.Marshal(v))(t))
}

// offline cuts the tab's network, and brings it back.
func (p *tab) offline(is bool) {
	p.t.Helper()
	p.do(
		command(network.Enable, network.EnableParams{}),
		command(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}),
		command(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}},
		}),
	)
}

func dark() step { return media("prefers-color-scheme", "dark") }

func media(name, value string) step {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: name, Value: value}},
	})
}

// speaks is a browser whose owner reads these languages.
func speaks(languages string) step {
	return command(emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
		UserAgent: "Mozilla/5.0 Chrome/140", AcceptLanguage: languages,
	})
}

func phone() step { return chromedp.EmulateViewport(390, 780, chromedp.EmulateMobile) }

// folder is where pictures of each state are kept, for people to look at.
var folder = filepath.Join("..", "..", "artifacts", "browser")

// rests waits until what moves and will come to rest has done so.
func (p *tab) rests() {
	p.t.Helper()
	eval[int](p, `Promise.all([...document.querySelectorAll('switchboard-chat')].flatMap((e) => e.shadowRoot.getAnimations())
		.filter((a) => a.effect.getComputedTiming().endTime < Infinity).map((a) => a.finished.catch(() => {}))).then(() => 0)`)
}

// picture keeps what the tab looks like.
func (p *tab) picture(name string) {
	p.t.Helper()
	p.rests()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	image := must(chromedp.Run(ctx, chromedp.CaptureScreenshot()))(p.t)
	check(p.t, os.MkdirAll(folder, 0o755))
	check(p.t, os.WriteFile(filepath.Join(folder, name+".png"), image, 0o600))
}

// accessible holds what the page shows against WCAG 2.2 A and AA.
func (p *tab) accessible() {
	p.t.Helper()
	axe, err := os.ReadFile(filepath.Join("..", "standins", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		daemon.Require(p.t, false, "no axe-core: make standins")
	}
	p.do(chromedp.Evaluate[chromedp.Void](string(axe) + ";undefined"))
	// It measures contrasts and sizes in the body alone; the chats stand beside it.
	move := "document.querySelectorAll('switchboard-chat').forEach((chat) => document.%s.moveBefore(chat, null))"
	p.run(fmt.Sprintf(move, "body"))
	defer p.run(fmt.Sprintf(move, "documentElement"))
	p.rests()
	found := eval[[]string](p, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((r) =>
		r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.target.flat().join(' ') + ': ' + n.failureSummary)))`)
	if len(found) > 0 {
		p.t.Errorf("not accessible:\n%s", strings.Join(found, "\n"))
	}
}

// object is a reference to what an expression is.
func (p *tab) object(expression string) runtime.RemoteObjectID {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	found := must(chromedp.Run(ctx, chromedp.Evaluate[*runtime.RemoteObject]("(() => {"+inside+" return "+expression+"})()")))(p.t)
	return found.ObjectID
}
