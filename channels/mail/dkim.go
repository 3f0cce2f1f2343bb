package mail

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/idna"
)

// DKIM signs mail in the name of a domain, so that its receivers see that the
// domain sent it and that nobody changed it (RFC 6376).
type DKIM struct {
	// domain is in ASCII; selector is the name below which its key is published.
	domain, selector string
	key              crypto.Signer
}

// signedFields are what nobody may change on the way (RFC 6376, 5.4.1). From is
// there twice: no second one can be added.
var signedFields = []string{
	"From", "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
}

// minRSA is the shortest RSA key that receivers have to believe, in bits (RFC 8301,
// 3.2).
const minRSA = 1024

// NewDKIM returns what signs with a private key in PEM: RSA, which everybody
// verifies, or Ed25519, which not everybody does yet.
func NewDKIM(domain, selector string, key []byte) (*DKIM, error) {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return nil, fmt.Errorf("the domain that signs: %w", err)
	}
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("the key that signs is not PEM")
	}
	signer, err := privateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the key that signs: %w", err)
	}
	d := &DKIM{domain: ascii, selector: selector, key: signer}
	if _, err := d.sign([]byte("From: <try@" + ascii + ">\r\n\r\n")); err != nil {
		return nil, err
	}
	return d, nil
}

func privateKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return longEnough(key)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	if key, ok := key.(*rsa.PrivateKey); ok {
		return longEnough(key)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("it is of a kind that does not sign")
	}
	return signer, nil
}

func longEnough(key *rsa.PrivateKey) (crypto.Signer, error) {
	if key.N.BitLen() < minRSA {
		return nil, fmt.Errorf("it is shorter than %d bits", minRSA)
	}
	return key, nil
}

// sign returns the message with the signature before it. Mail servers may fold and
// space it anew on the way.
func (d *DKIM) sign(raw []byte) ([]byte, error) {
	var signed bytes.Buffer
	err := dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: d.domain, Selector: d.selector, Signer: d.key, HeaderKeys: signedFields,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign mail: %w", err)
	}
	return signed.Bytes(), nil
}
