// Package accesskey makes the access keys of the HTTP API and keeps their secrets secret. Ids and secrets are random,
// and made before a decision, since decisions draw no random numbers. A Seal encrypts a secret before it goes into the
// log. A Store finds it again to verify a signature (package sigv4).
//
//	HRAKQ2M7VXN4B5ZJ6T3C   an id: public, 20 letters and digits, as clients of AWS expect them
//	XK4D...                a secret: 40 letters and digits, 200 random bits, without / and + for the sake of URIs
//
//	make.go    ids and secrets
//	seal.go    secrets, encrypted and decrypted
//	store.go   keys as this server has applied them
//
// Verifying a signature needs the secret itself, so it cannot be stored as a hash. It is encrypted by AES-256-GCM, with
// a key that is derived from the cluster's keyring: every server has the keyring, but the log, snapshots and their
// backups do not. The id is bound to the ciphertext, so that one key's secret cannot pass for another's.
package accesskey
