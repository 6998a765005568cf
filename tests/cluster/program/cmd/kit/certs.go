package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The context, cluster and user name of every kubeconfig written here.
const contextName = "aiops-test"

// One client certificate: the file it is kept under and who its holder is to the API server.
// Each program has the identity it has in a real cluster, so that RBAC and audit are the real ones.
type client struct {
	file, user string
	groups     []string
	kubeconfig bool
}

var clients = []client{
	{"admin", "aiops-test-admin", []string{"system:masters"}, true},
	{"manager", "system:kube-controller-manager", nil, true},
	{"scheduler", "system:kube-scheduler", nil, true},
	{"kubelet", "system:node:real-0", []string{"system:nodes"}, true},
	{"proxy", "system:kube-proxy", nil, true},
	// How the API server makes itself known to a kubelet, and to metrics-server.
	{"apiserver-kubelet", "kube-apiserver-kubelet-client", []string{"system:masters"}, false},
	{"front-proxy", "front-proxy", nil, false},
}

type authority struct {
	key  crypto.Signer
	cert *x509.Certificate
	pem  []byte
}

func writeCertificates(dir, server string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	if err := write(dir, "ca.crt", ca.pem); err != nil {
		return err
	}
	// 10.96.0.1 is the Service named kubernetes; 10.55.0.1 the real node, through which pods reach the API.
	serving := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1), net.IPv4(10, 55, 0, 1)},
		DNSNames: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local"},
	}
	if _, _, err := ca.issue(dir, "apiserver", serving); err != nil {
		return err
	}
	for _, c := range clients {
		cert, key, err := ca.issue(dir, c.file, &x509.Certificate{
			Subject:     pkix.Name{CommonName: c.user, Organization: c.groups},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		})
		if err != nil {
			return err
		}
		if c.kubeconfig {
			if err := write(dir, c.file+".kubeconfig", kubeconfig(server, ca.pem, cert, key)); err != nil {
				return err
			}
		}
	}
	return writeTokenKeys(dir)
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "aiops-test-ca"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(1, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{key, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// Signs the template with a key of its own and writes NAME.crt and NAME.key.
func (ca *authority) issue(dir, name string, template *x509.Certificate) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template.NotBefore, template.NotAfter = ca.cert.NotBefore, ca.cert.NotAfter
	template.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, private.Public(), ca.key)
	if err != nil {
		return nil, nil, err
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if key, err = privatePEM(private); err != nil {
		return nil, nil, err
	}
	if err = write(dir, name+".crt", cert); err != nil {
		return nil, nil, err
	}
	return cert, key, write(dir, name+".key", key)
}

// The pair that service account tokens are signed and checked with.
func writeTokenKeys(dir string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	key, err := privatePEM(private)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return err
	}
	if err := write(dir, "sa.key", key); err != nil {
		return err
	}
	return write(dir, "sa.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
}

func privatePEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func kubeconfig(server string, ca, cert, key []byte) []byte {
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: %[1]s
contexts:
- name: %[1]s
  context: {cluster: %[1]s, user: %[1]s}
clusters:
- name: %[1]s
  cluster:
    server: %[2]s
    certificate-authority-data: %[3]s
users:
- name: %[1]s
  user:
    client-certificate-data: %[4]s
    client-key-data: %[5]s
`, contextName, server, b64(ca), b64(cert), b64(key))
}

// All of it opens the cluster to whoever can read it, so all of it is the owner's alone.
func write(dir, name string, data []byte) error {
	return os.WriteFile(filepath.Join(dir, name), data, 0o600)
}
