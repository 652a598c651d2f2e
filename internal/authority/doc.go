// Package authority makes the certificates of a cluster: one authority that signs them all, and a certificate for each
// server, agent and client. It is for people who have no authority of their own; certificates of any other serve as
// well, as long as they carry the DNS names of the role and, for an agent, of its node (see package mtls).
//
//	<dir>/ca.pem       the authority's certificate, which everybody needs and anybody may have
//	<dir>/ca-key.pem   its key, mode 0600: who has it can pass for anybody, so keep it away from the cluster's machines
//	<out>.pem          a certificate
//	<out>-key.pem      its key, mode 0600
//
// All keys are ECDSA on P-256, all files PEM. Nothing is ever overwritten.
//
//	authority.go  the authority: made, and read again
//	issue.go      a certificate for a role, signed
//	files.go      certificates and keys, written
package authority
