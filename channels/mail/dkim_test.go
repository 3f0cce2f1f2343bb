package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// verifies reports what a receiver makes of a message's signature, with the public
// key where the domain has published it.
func verifies(t *testing.T, raw []byte, kind string, key crypto.PublicKey) error {
	t.Helper()
	found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "desk._domainkey.xn--mller-kva.test" {
			return nil, fmt.Errorf("no record %s", name)
		}
		published, err := x509.MarshalPKIXPublicKey(key)
		if plain, ok := key.(ed25519.PublicKey); ok {
			published = plain // RFC 8463, 4
		}
		return []string{"v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(published)}, err
	}})
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%d signatures", len(found))
	}
	return found[0].Err
}

func inPEM(t *testing.T, kind string, der []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestWhatLeavesIsSigned(t *testing.T) {
	t.Parallel()
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return inPEM(t, "PRIVATE KEY", der, err)
	}
	for name, tc := range map[string]struct {
		key    []byte
		kind   string
		public crypto.PublicKey
	}{
		"RSA":        {pkcs8(long), "rsa", long.Public()},
		"RSA, older": {inPEM(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(long), nil), "rsa", long.Public()},
		"Ed25519":    {pkcs8(edwards), "ed25519", public},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signer, err := NewDKIM("m\u00fcller.test", "desk", tc.key)
			if err != nil {
				t.Fatal(err)
			}
			s := &server{}
			s.start(t, TLSNone)
			m := greeting()
			m.Text = "Gr\u00fc\u00dfe\n.\n..\n\n" + strings.Repeat("long ", 300) + "\n\n\n"
			m.References, m.InReplyTo, m.Automatic = []string{"one@example.test"}, "one@example.test", true
			m.Attachments = []Attachment{{Name: "a.bin", ContentType: "application/octet-stream", Data: []byte{0, 255, '\r', '\n', '.'}}}
			if err := send(t, s, Settings{TLS: TLSNone, DKIM: signer}, m); err != nil {
				t.Fatal(err)
			}
			got, _ := s.sole(t)
			if err := verifies(t, got.raw, tc.kind, tc.public); err != nil {
				t.Fatalf("a receiver says %v: %s", err, got.raw)
			}
			for what, changed := range map[string][]byte{
				"another subject":   bytes.Replace(got.raw, []byte("Subject: "), []byte("Subject: Not "), 1),
				"another text":      bytes.Replace(got.raw, []byte("long"), []byte("short"), 1),
				"a second From":     append([]byte("From: <eve@example.test>\r\n"), got.raw...),
				"nothing automatic": bytes.Replace(got.raw, []byte("Auto-Submitted: auto"), []byte("Auto-Submitted: not-auto"), 1),
			} {
				if bytes.Equal(changed, got.raw) {
					t.Fatalf("%s: nothing was changed", what)
				}
				if verifies(t, changed, tc.kind, tc.public) == nil {
					t.Errorf("%s is not noticed", what)
				}
			}
			relayed := bytes.Replace(got.raw, []byte("Subject: "), []byte("Subject:  "), 1)
			relayed = append([]byte("Received: by mx.example.test; Mon, 5 Jan 2026 09:00:00 +0000\r\n"), relayed...)
			if err := verifies(t, relayed, tc.kind, tc.public); err != nil {
				t.Errorf("after a relay: %v", err)
			}
		})
	}
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	t.Parallel()
	s := &server{}
	s.start(t, TLSNone)
	if err := send(t, s, Settings{TLS: TLSNone}, greeting()); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.sole(t); bytes.Contains(got.raw, []byte("DKIM-Signature")) {
		t.Errorf("%s", got.raw)
	}
}

func TestAKeyThatDoesNotSignIsRefused(t *testing.T) {
	t.Parallel()
	for name, key := range map[string][]byte{
		"nothing": nil, "no PEM": []byte("key"), "no key": inPEM(t, "PRIVATE KEY", []byte("key"), nil),
		"too short": []byte(shortKey),
	} {
		if _, err := NewDKIM("example.test", "desk", key); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
}

// shortKey has 512 bits, which Go makes no more: openssl genrsa 512.
const shortKey = `-----BEGIN PRIVATE KEY-----
MIIBVwIBADANBgkqhkiG9w0BAQEFAASCAUEwggE9AgEAAkEAr02nWm06WJITap+7
yfYjmRPaj5WVzeOZUEXtJu7U1uqIBpyE3Qh/3mIMqbL0wSdYx99dAPfh8foNwhET
X4CX2wIDAQABAkEAmusJBgSZF0SgHA3lKml2tASzlUggBr8n8aSaG1nchb9tHUIV
Zkch8Lp8M1d0gzixjlHevuUmcz75dH1VdW3v4QIhAOlzqkR45dd5QTG94Vcbf+Zw
m92SEhDHLuCaJtriISAnAiEAwDw1O3Tk9/WLBi2Otl7j6VY9n4Cz5fU//X2sC+L4
Jy0CIQCje/umHeAfiGuucOHIhZqI/x04Cl4aX9KlOW6yZB98iwIhALlalF1C5e+s
QyNu0/dGYW1AaWSdPVjSc6PhA/3mGC31AiEA1iQ0+/VxHTXnOUlIM0GUWTx5NR6V
tSqcUit6ojBN8rg=
-----END PRIVATE KEY-----
`
