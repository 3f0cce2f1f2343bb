package dovecot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// configuration runs Dovecot 2.3 as an ordinary user: no other user's processes,
// nothing in the system's folders, no chroot.
var configuration = template.Must(template.New("dovecot.conf").Parse(`
base_dir = {{.Folder}}/run
state_dir = {{.Folder}}/run
log_path = /dev/stderr
listen = 127.0.0.1
protocols = imap
default_internal_user = {{.User}}
default_internal_group = {{.Group}}
default_login_user = {{.User}}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{{.Folder}}/certificate.pem
ssl_key = <{{.Folder}}/key.pem
mail_location = maildir:~/Maildir
mail_fsync = never
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = {{.Folder}}/users
}
userdb {
  driver = static
  args = uid={{.User}} gid={{.Group}} home={{.Folder}}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = {{.Port}}
  }
  inet_listener imaps {
    port = {{.TLSPort}}
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
service auth {
  user = {{.User}}
}
service auth-worker {
  user = {{.User}}
}
{{.Extra}}
`))

// instance is what the configuration is made of.
type instance struct {
	Folder, User, Group, Extra string
	Port, TLSPort              int
}

func (i instance) write(users map[string]string) error {
	var config, passwords strings.Builder
	if err := configuration.Execute(&config, i); err != nil {
		return err
	}
	for name, password := range users {
		fmt.Fprintf(&passwords, "%s:{PLAIN}%s\n", name, password)
	}
	for name, content := range map[string]string{"dovecot.conf": config.String(), "users": passwords.String()} {
		if err := os.WriteFile(filepath.Join(i.Folder, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
