package postfix

import "text/template"

// mainConfiguration is main.cf: a relay without mailboxes, DNS or chroot, which
// sends nothing to anywhere but the test's routes.
var mainConfiguration = template.Must(template.New("main.cf").Parse(`
compatibility_level = 3.6
queue_directory = {{.Folder}}/spool
data_directory = {{.Folder}}/data
maillog_file = /dev/stdout
myhostname = relay.example.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
local_transport = error:nothing is local
default_transport = error:no route
transport_maps = inline:{ {{.Transport}} }
smtp_dns_support_level = disabled
smtp_tls_security_level = may
message_size_limit = 104857600
mailbox_size_limit = 0
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
fast_flush_domains =
{{.Extra}}
`))

// services is master.cf: what takes mail, queues it and sends it.
var services = template.Must(template.New("master.cf").Parse(`
{{.Address}} inet n - n - - smtpd
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 300 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp     unix - - n - - smtp
error    unix - - n - - error
retry    unix - - n - - error
anvil    unix - - n - 1 anvil
scache   unix - - n - 1 scache
postlog  unix-dgram n - n - 1 postlogd
`))
