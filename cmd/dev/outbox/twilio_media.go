package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"strings"
)

// twilioCall accepts a call of ours, or what is to become of one.
func twilioCall(r *http.Request, request Request) reply {
	sid, changes := strings.CutSuffix(r.PathValue("file"), ".json")
	call := reply{status: http.StatusOK}
	status := "in-progress"
	if !changes {
		sid, status, call.status = newSID("CA"), "queued", http.StatusCreated
	}
	account := r.PathValue("account")
	call.body = map[string]any{
		"sid": sid, "account_sid": account, "api_version": twilioVersion[1:], "status": status, "direction": "outbound-api",
		"from": request.text("From"), "to": request.text("To"), "uri": twilioVersion + "/Accounts/" + account + "/Calls/" + sid + ".json",
	}
	return call
}

// fetchMedia fetches a file of ours as Twilio does: what it is first, and then the
// file.
func (o *Outbox) fetchMedia(ctx context.Context, address string) error {
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		request, err := http.NewRequestWithContext(ctx, method, o.reachable(address), http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") == "" {
			return fmt.Errorf("%s was answered %s", method, response.Status)
		}
	}
	return nil
}

// picture is every picture that was sent to us: orange.
func picture(w http.ResponseWriter, _ *http.Request) {
	drawn := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.RGBA{R: 0xf3, G: 0xb5, B: 0x62, A: 0xff}})
	w.Header().Set("Content-Type", "image/png")
	_ = png.Encode(w, drawn) // nobody is left to tell
}

// silence is every recording of a call, as MP3, which is all we ask for: a second of
// it, in frames that are a header and nothing to play (MPEG-1 layer III, 64 kbit/s,
// 44.1 kHz, mono).
func silence(w http.ResponseWriter, _ *http.Request) {
	frame := append([]byte{0xff, 0xfb, 0x50, 0xc4}, make([]byte, 204)...)
	w.Header().Set("Content-Type", "audio/mpeg")
	_, _ = w.Write(bytes.Repeat(frame, 39)) // nobody is left to tell
}
