//! What is there before a line is carried out. `NAME` is the object's name, `TWIN` the namespace of the side.

/// A workload without pods: what is compared is the object, and nothing has to start.
pub const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME, tier: web}, annotations: {note: first}}
spec:
  replicas: 0
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.27', ports: [{containerPort: 80}], env: [{name: MODE, value: plain}]}
      - {name: side, image: 'busybox:1.36', resources: {requests: {cpu: 10m}}}
";
pub const STATEFUL: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME, labels: {app: NAME}}
spec:
  replicas: 0
  serviceName: NAME
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}, {name: side, image: 'busybox:1.36'}]}
";
/// On no node there is.
pub const DAEMON: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: NAME, labels: {app: NAME}}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {nodeSelector: {parity: nowhere}, containers: [{name: web, image: 'nginx:1.27'}, {name: side, image: 'busybox:1.36'}]}
";
pub const SETTINGS: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME, labels: {app: NAME, tier: web}, annotations: {note: first}}
data: {colour: blue, size: '3'}
";
pub const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: NAME, labels: {app: NAME, tier: web}}
spec: {selector: {app: NAME}, ports: [{name: http, port: 80, targetPort: 8080}]}
";
pub const HEADLESS: &str = "
apiVersion: v1
kind: Service
metadata: {name: NAME, labels: {app: NAME}}
spec: {clusterIP: None, selector: {app: NAME, tier: web}, ports: [{port: 80}]}
";
pub const CRON_JOB: &str = "
apiVersion: batch/v1
kind: CronJob
metadata: {name: NAME, labels: {app: NAME}}
spec:
  suspend: true
  schedule: '0 2 * * *'
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, nodeSelector: {parity: nowhere}, containers: [{name: web, image: 'busybox:1.36'}]}}}}
";
pub const ROLE_BINDING: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: joe, apiGroup: rbac.authorization.k8s.io}]
";
pub const CLUSTER_ROLE_BINDING: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: parity-none}
subjects: [{kind: Group, name: dev, apiGroup: rbac.authorization.k8s.io}]
";
pub const QUOTA: &str = "
apiVersion: v1
kind: LimitRange
metadata: {name: NAME, labels: {tier: web}}
spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 9Ti}}]}
";
/// Where no kubelet is, and no pod goes.
pub const NODE: &str = "
apiVersion: v1
kind: Node
metadata: {name: NAME, labels: {tier: web}}
spec: {unschedulable: UNSCHEDULABLE, taints: [{key: parity, value: first, effect: NoSchedule}]}
";
/// Signed by nobody: the signer's name is no built-in one.
pub const REQUEST: &str = "
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: NAME}
spec:
  signerName: example.com/parity
  usages: [client auth]
  request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIVk1INENBUUF3SERFTU1Bb0dBMVVFQXd3RFlXNXVNUXd3Q2dZRFZRUUtEQU5rWlhZd1dUQVRCZ2NxaGtqTwpQUUlCQmdncWhrak9QUU1CQndOQ0FBUlltQU5pZ1Y0Ujh4cEpreitMUnFhb29aYzdSU2laNVhlT211d2x6d0NUClRicjBlRDVLblNzeUllell6MEI1MmYvaEQwOVVUSnRXS0owQnNYaTI0dmVCb0FBd0NnWUlLb1pJemowRUF3SUQKUndBd1JBSWdaTzFlcWltVVFpZFpKY0JQb3pzVVMra2JOcWNxYURqRXlJN0IwNEt0VWRrQ0lIR05oeHlqZVhpSgpLTWlKV1pLeXErVHEzb2hqRUg5Q1ZZZGNLdnlhcUw5bAotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K
";
/// A pair that fits, made for these tests and used for nothing else.
pub const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBjDCCATGgAwIBAgIUMjzT/Llvv7fdsZ3kvrbGunoz9g0wCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPd2ViLmV4YW1wbGUuY29tMCAXDTI2MTEyMTE3MDk0MVoYDzIx
MjYxMDI4MTcwOTQxWjAaMRgwFgYDVQQDDA93ZWIuZXhhbXBsZS5jb20wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATzjTzExOf4btbZx8qEM1zVDNI801q/iWr/l//6
+v8xC+wMPhTwjQfn6JlBY1RevSZLSPGzcWb9dYrbMoCDnfElo1MwUTAdBgNVHQ4E
FgQUUdpLRqOExK2RKtZkaks8TrC64dwwHwYDVR0jBBgwFoAUUdpLRqOExK2RKtZk
aks8TrC64dwwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA1ySL
aIppTvJQ/WS+PpDqXR7fVQihLgtAq2CxzErSFJkCIQDU3YWk/jlkM2lLVmsb1MyT
YOqzWDGltEM/nvhsv4flRA==
-----END CERTIFICATE-----
";
pub const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXk6xll/9xNAo7GgX
XwP4OSb9ifMtw16REYzQFlcDLiOhRANCAATzjTzExOf4btbZx8qEM1zVDNI801q/
iWr/l//6+v8xC+wMPhTwjQfn6JlBY1RevSZLSPGzcWb9dYrbMoCDnfEl
-----END PRIVATE KEY-----
";
