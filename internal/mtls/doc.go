// Package mtls makes TLS configurations in which both sides prove who they are. Certificates come from one authority
// and carry their role as a DNS name, so that an agent's certificate cannot pass for a server's:
//
//	server.headrace   a server
//	agent.headrace    an agent
//	client.headrace   a person or a program
//	operator.headrace a person who may do what a client may, give out access keys and approve nodes
//
// An agent's certificate also says for which node it is, as NAME.node.headrace (see node.go).
//
//	mtls.go  the configurations of both sides, and roles
//	node.go  the node that a certificate is for
package mtls
