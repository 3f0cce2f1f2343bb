package e2e

import (
	"fmt"
	"strings"
	"testing"

	"switchboard/api/contract"
)

func whatToPasteIsMailed(t *testing.T, s *system) {
	o := s.newOffice(t, "paste", 0)
	path := "/api/v1/channels/" + o.chat(t, settings{}).ID + "/embed"
	embed := get[contract.Embed](t, s.admin, path)
	s.admin.must(t, 204, withJSON("POST", path+"/send", settings{"email": address("developer")}))
	eventually(t, func() error {
		mails := s.mailTo(t, address("developer"))
		if len(mails) == 1 && strings.Contains(mails[0].Text, embed.HTML) {
			return nil
		}
		return fmt.Errorf("the developer has %+v", mails)
	})
}
