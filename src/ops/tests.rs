//! What holds for every operation in the catalogue: each printed line reads back, each JSON reads back, reads do not mutate, and
//! no text makes any of it panic.

use super::*;
use jiff::Timestamp;
use proptest::{prelude::*, strategy::Union};
use serde_json::json;

fn text<T: std::fmt::Debug + 'static>(pattern: &'static str, make: fn(String) -> Result<T, BadName>) -> BoxedStrategy<T> {
    pattern.prop_filter_map("an illegal name", move |t| make(t).ok()).boxed()
}
fn name() -> BoxedStrategy<Name> {
    text("[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?(\\.[a-z0-9]{1,3})?", Name::new)
}
fn namespace() -> BoxedStrategy<Option<Namespace>> {
    prop::option::of(text("[a-z]([a-z0-9-]{0,8}[a-z0-9])?", Namespace::new)).boxed()
}
fn container() -> BoxedStrategy<ContainerName> {
    text("[a-z]([a-z0-9-]{0,8}[a-z0-9])?", ContainerName::new)
}
fn image() -> BoxedStrategy<Image> {
    text("([a-z0-9.]{1,8}(:[0-9]{2,4})?/)?[a-z0-9_/-]{1,12}(:[A-Za-z0-9._-]{1,8})?(@sha256:[0-9a-f]{4})?", Image::new)
}
fn of_kinds(kinds: &'static [&'static str]) -> BoxedStrategy<Target> {
    let make = |(kind, name, ns): (&&str, Name, Option<Namespace>)| Some(Target::new(Kind::find(kind)?, name).ok()?.in_namespace(ns));
    (prop::sample::select(kinds.iter().collect::<Vec<_>>()), name(), namespace()).prop_filter_map("an illegal name", make).boxed()
}
fn any_target() -> BoxedStrategy<Target> {
    of_kinds(&[
        "pod",
        "deployment",
        "statefulset",
        "daemonset",
        "service",
        "node",
        "namespace",
        "clusterrole",
        "cronjob",
        "ev.events.k8s.io",
    ])
}
fn workload() -> BoxedStrategy<Target> {
    of_kinds(&["deployment", "statefulset", "daemonset"])
}
fn word() -> BoxedStrategy<String> {
    prop_oneof!["[a-z][a-z0-9]{0,6}", Just("true".to_string())].boxed()
}
fn json_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[^\u{0}-\u{1f}]{0,8}".prop_map(Value::from)
    ];
    let deeper = |inner: BoxedStrategy<Value>| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z.'\"$ -]{0,8}", inner, 0..3).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
        .boxed()
    };
    leaf.prop_recursive(3, 12, 3, deeper).boxed()
}
fn file() -> BoxedStrategy<Vec<String>> {
    let one = || "[a-zA-Z0-9./ '$_-]{1,16}".prop_filter("standard input", |f| f != "-");
    prop_oneof![prop::collection::vec(one(), 1..3), one().prop_map(|folder| vec![format!("kustomize://{folder}")])].boxed()
}
/// Everywhere, or one namespace, or none said.
fn place() -> BoxedStrategy<(Option<Namespace>, bool)> {
    prop_oneof![namespace().prop_map(|ns| (ns, false)), Just((None, true))].boxed()
}

fn dns_name() -> BoxedStrategy<DnsName> {
    text("[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?(\\.[a-z0-9]{1,3})?", DnsName::new)
}
fn command() -> BoxedStrategy<Vec<String>> {
    prop::collection::vec("[a-zA-Z0-9 $'*-]{0,8}", 0..3).boxed()
}
/// Lines of a verb with one of the first words, a name, one of the second and a namespace.
fn lines(first: Vec<&'static str>, second: Vec<&'static str>, verb: &'static str) -> Option<BoxedStrategy<Op>> {
    let parts = (prop::sample::select(first), dns_name(), prop::sample::select(second), namespace());
    let op = parts.prop_map(move |(first, name, second, namespace)| {
        let place = namespace.map_or_else(String::new, |ns| format!("-n {ns}"));
        // A service's type stands before its name.
        let place = if second.contains("-- ") { String::new() } else { place };
        let line = match verb {
            "create service" => format!(
                "kubectl {verb} {} {name} {} {second} {place}",
                first.split(' ').next().unwrap(),
                first.split_once(' ').map_or("", |(_, f)| f)
            ),
            _ => format!("kubectl {verb} {name} {first} {second} {place}"),
        };
        Op::from_line(&line).unwrap_or_else(|e| panic!("{line}: {e}"))
    });
    Some(op.boxed())
}

fn release() -> BoxedStrategy<ReleaseName> {
    text("[a-z]([a-z0-9-]{0,6}[a-z0-9])?(\\.[a-z0-9]{1,3})?", ReleaseName::new)
}
fn helm(line: &str, namespace: Option<Namespace>) -> Op {
    let line = format!("helm {line} {}", namespace.map_or_else(String::new, |ns| format!("-n {ns}")));
    Op::from_line(&line).unwrap_or_else(|e| panic!("{line}: {e}"))
}
/// Lines of a helm verb about one revision of a release.
fn revisions(verb: &'static str, flags: &'static [&'static str]) -> Option<BoxedStrategy<Op>> {
    let revision = prop_oneof![Just(String::new()), (1u64..40).prop_map(|n| format!("--revision {n}"))];
    let parts = (release(), revision, prop::sample::select(flags), namespace());
    Some(parts.prop_map(move |(name, revision, flags, ns)| helm(&format!("{verb} {name} {revision} {flags}"), ns)).boxed())
}

/// What a selector, `--all` or a file chooses.
fn choice() -> BoxedStrategy<Choice> {
    let kinds = prop::sample::subsequence(vec!["pods", "deployments", "services"], 1..3);
    let kinds = kinds.prop_map(|kinds| kinds.into_iter().filter_map(Kind::find).collect::<Vec<_>>());
    let selector = || prop::option::of(word());
    let of_kinds = (kinds, selector(), selector(), place()).prop_map(|(kinds, selector, field_selector, (namespace, all_namespaces))| {
        Choice { kinds, selector, field_selector, namespace, all_namespaces, ..Choice::default() }
    });
    let of_files = (file(), namespace()).prop_map(|(files, namespace)| Choice { files, namespace, ..Choice::default() });
    prop_oneof![of_kinds, of_files].boxed()
}

/// A generator for each verb of the catalogue. A verb without one fails the tests below.
fn of(verb: &str) -> Option<BoxedStrategy<Op>> {
    fn op<T: Into<Op> + std::fmt::Debug + 'static>(s: impl Strategy<Value = T> + 'static) -> Option<BoxedStrategy<Op>> {
        Some(s.prop_map(Into::into).boxed())
    }
    let on = any::<bool>;
    let selector = || prop::option::of(word());
    match verb {
        "get" => {
            let forms = [
                "table",
                "wide",
                "json",
                "yaml",
                "name",
                "count",
                "jsonpath={.items[*].metadata.name}{\"\\n\"}",
                "custom-columns=A:.a,B:.b[0,1]",
            ];
            let output = prop::sample::select(forms.to_vec()).prop_map(|form| form.parse::<Output>().unwrap());
            let kinds = prop::sample::select(vec!["pods", "deployments", "nodes", "widgets", "pods.metrics.k8s.io"]);
            let kinds = prop::collection::btree_set(kinds.prop_filter_map("unknown", Kind::find), 1..3)
                .prop_map(|kinds| kinds.into_iter().collect::<Vec<_>>());
            let names = prop::collection::vec(name(), 0..3);
            let several = of_kinds(&["pod", "service"]).prop_map(|t| t.in_namespace(None));
            let watch = prop::sample::select(vec![Watching::Yes, Watching::Only]);
            let watched = (prop::sample::select(vec!["pods", "deployments"]), prop::collection::vec(name(), 0..2), watch, on())
                .prop_map(|(kind, names, watch, show_labels)| Get { names, watch, show_labels, ..Get::all(Kind::find(kind).unwrap()) });
            let what = prop_oneof![
                (kinds.clone(), place(), selector(), selector()).prop_map(
                    |(kinds, (namespace, all_namespaces), selector, field_selector)| Get {
                        kinds,
                        namespace,
                        all_namespaces,
                        selector,
                        field_selector,
                        ..Get::default()
                    }
                ),
                (kinds, names, namespace()).prop_map(|(kinds, names, namespace)| Get { kinds, names, namespace, ..Get::default() }),
                (several.clone(), several)
                    .prop_filter("one kind", |(a, b)| a.kind() != b.kind())
                    .prop_map(|(a, b)| Get { targets: vec![a, b], ..Get::default() }),
                file().prop_map(|files| Get { files, ..Get::default() }),
            ];
            let raw = prop::sample::select(vec!["/version", "/readyz?verbose"]);
            let raw = raw.prop_map(|path| Get { raw: Some(path.parse().unwrap()), ..Get::default() });
            let shown = (
                what,
                output,
                prop::option::of(Just(".metadata.name".to_string())),
                prop::collection::vec(word(), 0..3),
                (on(), on(), on(), on()),
            );
            let shown = shown.prop_map(|(what, output, sort_by, label_columns, (show_labels, show_kind, no_headers, ignore_not_found))| {
                Get { output, sort_by, label_columns, show_labels, show_kind, no_headers, ignore_not_found, ..what }
            });
            op(prop_oneof![8 => shown, 1 => raw, 1 => watched])
        }
        "describe" => op((any_target(), on()).prop_map(|(target, without_events)| Describe { target, without_events })),
        "logs" => {
            let since = prop::option::of(prop::sample::select(vec!["10m", "1h30m", "90s"]).prop_map(String::from));
            let which = prop_oneof![container().prop_map(|c| (Some(c), false)), on().prop_map(|all| (None, all))];
            let tail = prop::option::of(any::<u32>());
            let bounds = (prop::option::of(1..9_u32), prop::option::of(1..9_u32), prop::option::of(on()), on());
            let chosen = (prop::sample::select(vec!["app=web", "tier!=db,x in (a,b)"]), namespace())
                .prop_map(|(selector, namespace)| LogSource::chosen(selector, namespace).unwrap());
            let source = prop_oneof![of_kinds(&["pod", "deployment", "service"]).prop_map(LogSource::Object), chosen];
            op((source, which, on(), tail, since, (on(), on()), bounds).prop_map(
                |(of, (container, all_containers), previous, tail, since, (timestamps, follow), (bytes, most, prefix, all_pods))| {
                    let pod = of.object().is_some_and(|target| target.kind().is("pods", ""));
                    Logs {
                        of,
                        container,
                        previous,
                        tail,
                        since_time: (since.is_none() && timestamps).then_some(jiff::Timestamp::UNIX_EPOCH),
                        since,
                        all_containers,
                        timestamps,
                        limit_bytes: bytes.and_then(std::num::NonZeroU32::new),
                        max_log_requests: most.and_then(std::num::NonZeroU32::new),
                        prefix,
                        follow,
                        all_pods: all_pods && !pod,
                        pod_running_timeout: (pod && all_pods).then(|| "20s".into()),
                    }
                },
            ))
        }
        "port_forward" => {
            let ports =
                prop::collection::vec(prop::sample::select(vec!["80", "8080:80", ":443", "8443:https"]).prop_map(String::from), 1..3);
            op((of_kinds(&["pod", "deployment", "service"]), ports).prop_map(|(target, ports)| PortForward { target, ports }))
        }
        "debug" => {
            let line = |parts: &[&'static str]| prop::sample::select(parts.to_vec());
            let inside = (
                name(),
                line(&["", "--target=app", "-it", "-i --attach=false", "--env=A=b --env=C="]),
                line(&["", "-- sh -c 'a b'", "--arguments-only -- -v"]),
                line(&["", "--profile=netadmin", "--image-pull-policy=Never", "-c dbg"]),
            )
                .prop_map(|(name, a, b, c)| format!("kubectl debug {name} --image=busybox {a} {c} {b}"));
            let copy = (
                name(),
                line(&["--image=i:1", "--set-image=*=x,a=b:2", "-c app -it"]),
                line(&[
                    "",
                    "--same-node --replace",
                    "--keep-labels --keep-startup",
                    "--share-processes=false --keep-init-containers=false",
                ]),
            )
                .prop_map(|(name, a, b)| format!("kubectl debug {name} --copy-to=other {a} {b}"));
            let node = (name(), line(&["", "-it", "--profile=sysadmin"]))
                .prop_map(|(name, a)| format!("kubectl debug node/{name} --image=busybox {a}"));
            Some(prop_oneof![inside, copy, node].prop_map(|line| Op::from_line(&line).unwrap_or_else(|e| panic!("{line}: {e}"))).boxed())
        }
        "cp" => {
            let path = || "[a-z/._ '$][a-z0-9/._ '$-]{0,10}".prop_filter("a colon", |p: &String| !p.contains(':'));
            op((of_kinds(&["pod"]), prop::option::of(container()), path(), path(), on(), on())
                .prop_map(|(target, container, inside, here, out, no_preserve)| Cp { target, container, inside, here, out, no_preserve }))
        }
        "create_token" => {
            let line = (
                name(),
                prop::sample::select(vec![
                    "",
                    "--duration=10m",
                    "--audience=a,b",
                    "--bound-object-kind=Pod --bound-object-name=x",
                    "--bound-object-kind=Secret --bound-object-name=x --bound-object-uid=u-1",
                ]),
                namespace(),
            );
            Some(
                line.prop_map(|(name, flags, ns)| {
                    let line = format!("kubectl create token {name} {flags} {}", ns.map_or_else(String::new, |ns| format!("-n {ns}")));
                    Op::from_line(&line).unwrap_or_else(|e| panic!("{line}: {e}"))
                })
                .boxed(),
            )
        }
        "edit" => {
            let parts = prop::sample::select(vec![None, Some(Subresource::Status), Some(Subresource::Scale), Some(Subresource::Resize)]);
            op((any_target(), on(), parts).prop_map(|(target, json, subresource)| Edit { target, json, subresource }))
        }
        "diff" => op((file(), namespace(), selector(), on()).prop_map(|(files, namespace, selector, force_conflicts)| {
            Diff(Apply { namespace, selector, force_conflicts, ..Apply::of_files(files) })
        })),
        "exec" | "attach" => {
            let command = prop::collection::vec("[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,8}", 1..4);
            let what = (of_kinds(&["pod", "deployment", "service"]), prop::option::of(container()), command, on(), on());
            if verb == "exec" {
                op(what.prop_map(|(target, container, command, stdin, tty)| Exec { target, container, command, stdin, tty }))
            } else {
                op(what.prop_map(|(target, container, _, stdin, tty)| Attach { target, container, stdin, tty }))
            }
        }
        "events" => {
            let types = prop::sample::subsequence(vec!["Normal".to_string(), "Warning".to_string()], 0..3);
            // The namespace of an object outside all of them would be nowhere to print.
            let about = of_kinds(&["pod", "deployment"]).prop_map(|t| (Some(t), (None, false)));
            let where_to = prop_oneof![about, place().prop_map(|place| (None, place))];
            op((where_to, types, on()).prop_map(|((target, (namespace, all_namespaces)), types, watch)| Events {
                target,
                namespace,
                all_namespaces,
                types,
                watch,
            }))
        }
        "rollout_status" => op(workload().prop_map(|target| RolloutStatus { target })),
        "rollout_history" => {
            op((workload(), prop::option::of(1..u64::MAX)).prop_map(|(target, revision)| RolloutHistory { target, revision }))
        }
        "top" => {
            let sort = prop::option::of(prop::sample::select(vec![SortBy::Cpu, SortBy::Memory]));
            let what = prop_oneof![place().prop_map(|p| (TopWhat::Pods, p)), on().prop_map(|all| (TopWhat::Nodes, (None, all)))];
            op((what, prop::option::of(name()), selector(), on(), sort).prop_map(
                |((what, (namespace, all_namespaces)), name, selector, containers, sort_by)| Top {
                    what,
                    name,
                    namespace,
                    all_namespaces,
                    selector,
                    containers,
                    sort_by,
                },
            ))
        }
        "api_resources" => {
            let order = prop::sample::select(vec![None, Some("name"), Some("kind")]);
            op((prop::option::of(word()), prop::option::of(on()), prop::collection::vec(word(), 0..2), on(), order).prop_map(
                |(api_group, namespaced, verbs, no_headers, order)| ApiResources {
                    api_group,
                    namespaced,
                    verbs,
                    no_headers,
                    sort_by: order.map(|order| order.parse().unwrap()),
                    ..ApiResources::default()
                },
            ))
        }
        "config_view" => {
            let output = prop::sample::select(vec!["yaml", "json", "jsonpath={.current-context}"]);
            op((output, on(), on()).prop_map(|(output, minify, raw)| ConfigView { output: output.parse().unwrap(), minify, raw }))
        }
        "current_context" => op(Just(CurrentContext {})),
        "get_contexts" => op((prop::collection::vec(word(), 0..3), on(), on()).prop_map(|(contexts, names, no_headers)| GetContexts {
            contexts,
            names,
            no_headers,
        })),
        "get_clusters" => op(Just(GetClusters {})),
        "get_users" => op(Just(GetUsers {})),
        "api_versions" => op(Just(ApiVersions {})),
        "cluster_info" => op(Just(ClusterInfo {})),
        "server_version" => op(prop::option::of(Just(ObjectForm::Yaml)).prop_map(|output| ServerVersion { output })),
        "whoami" => op(prop::option::of(Just(ObjectForm::Json)).prop_map(|output| Whoami { output })),
        "can_i" => {
            let lines = vec![
                "--list",
                "get pods",
                "delete deployments.apps/web",
                "'*' '*' -A",
                "get pods --subresource=log",
                "get /metrics",
                "impersonate users",
                "get pods --as=ann",
                "get secrets --as=system:serviceaccount:dev:ci",
                "list nodes --as 'ann of ops' --as-group=devs --as-group=ops",
            ];
            let namespaced = (prop::sample::select(lines), namespace());
            Some(
                namespaced
                    .prop_filter_map("not together", |(line, ns)| {
                        let place =
                            ns.filter(|_| !line.contains("-A") && !line.contains('/')).map_or_else(String::new, |ns| format!("-n {ns}"));
                        Op::from_line(&format!("kubectl auth can-i {line} {place}")).ok()
                    })
                    .boxed(),
            )
        }
        "explain" => {
            let path = prop::sample::select(vec!["pods", "deployments.apps.spec.template", "ingress.spec", "services.v1.spec"]);
            Some(
                (path, on())
                    .prop_filter_map("no kind", |(path, recursive)| {
                        Op::from_line(&format!("kubectl explain {path} --recursive={recursive}")).ok()
                    })
                    .boxed(),
            )
        }
        "scale" => {
            let factor = prop::sample::select(vec![0.0, 0.5, 1.5, 2.0, 10.0]);
            let amount = prop_oneof![any::<u32>().prop_map(Amount::To), any::<i32>().prop_map(Amount::By), factor.prop_map(Amount::Times)];
            let version = prop::option::of("[0-9]{1,6}");
            op((workload(), amount, prop::option::of(any::<u32>()), version).prop_map(
                |(target, amount, current_replicas, resource_version)| Scale { target, amount, current_replicas, resource_version },
            ))
        }
        "autoscale" => {
            let metric = || prop::option::of(text("[1-9][0-9]?(%|m|Mi)?", MetricTarget::new));
            op((workload(), any::<u32>(), prop::option::of(any::<u32>()), metric(), metric(), prop::option::of(name()))
                .prop_map(|(target, max, min, cpu, memory, autoscaler)| Autoscale { target, max, min, cpu, memory, autoscaler }))
        }
        "set_image" => {
            let one = (prop::option::of(container()), image()).prop_map(|(container, image)| ContainerImage { container, image });
            op((of_kinds(&["pod", "deployment", "cronjob"]), prop::collection::vec(one, 1..3))
                .prop_map(|(target, images)| SetImage { target, images }))
        }
        "rollout_restart" => op(workload().prop_map(|target| RolloutRestart { target })),
        "rollout_undo" => {
            op((workload(), prop::option::of(1..u64::MAX)).prop_map(|(target, to_revision)| RolloutUndo { target, to_revision }))
        }
        "delete" => {
            let several = (prop::collection::vec(of_kinds(&["pod", "service", "deployment"]), 1..4), namespace());
            let placed = several.prop_map(|(all, ns)| all.into_iter().map(|t| t.in_namespace(ns.clone())).collect::<Vec<_>>());
            let which = prop_oneof![placed.prop_map(|targets| (targets, None)), choice().prop_map(|of| (Vec::new(), Some(of)))];
            let cascade = prop::sample::select(vec![Cascade::Background, Cascade::Foreground, Cascade::Orphan]);
            op((which, prop::option::of(0..u32::MAX), cascade, any::<bool>()).prop_map(
                |((targets, of), grace_period, cascade, ignore_not_found)| Delete { targets, of, grace_period, cascade, ignore_not_found },
            ))
        }
        "label" => {
            let key = text("([a-z.]{1,8}/)?[A-Za-z0-9._-]{1,8}", LabelKey::new);
            let value = prop::option::of(text("[A-Za-z0-9._-]{0,8}", LabelValue::new));
            op((any_target(), prop::collection::btree_map(key, value, 1..4), on()).prop_map(|(target, labels, overwrite)| Label {
                target,
                labels,
                overwrite,
            }))
        }
        "annotate" => {
            let key = text("([a-z.]{1,8}/)?[A-Za-z0-9._-]{1,8}", LabelKey::new);
            let value = prop::option::of("[^\u{0}-\u{1f}\u{7f}-\u{9f}]{0,12}");
            op((any_target(), prop::collection::btree_map(key, value, 1..4), on()).prop_map(|(target, annotations, overwrite)| Annotate {
                target,
                annotations,
                overwrite,
            }))
        }
        "taint" => {
            let key = || text("([a-z.]{1,8}/)?[A-Za-z0-9._-]{1,8}", LabelKey::new);
            let value = prop::option::of(text("[A-Za-z0-9._-]{1,8}", LabelValue::new));
            let effect = || prop::sample::select(vec![Effect::NoSchedule, Effect::PreferNoSchedule, Effect::NoExecute]);
            let new = (key(), value, effect()).prop_map(|(key, value, effect)| NewTaint { key, value, effect });
            let old = (key(), prop::option::of(effect())).prop_map(|(key, effect)| OldTaint { key, effect });
            let taints =
                (prop::collection::vec(new, 0..3), prop::collection::vec(old, 0..3)).prop_filter("none", |(a, b)| a.len() + b.len() > 0);
            op((of_kinds(&["node"]), taints, on()).prop_map(|(target, (add, remove), overwrite)| Taint { target, add, remove, overwrite }))
        }
        "rollout_pause" => op(of_kinds(&["deployment"]).prop_map(|target| RolloutPause { target })),
        "rollout_resume" => op(of_kinds(&["deployment"]).prop_map(|target| RolloutResume { target })),
        "set_env" => {
            let env = || text("[A-Z_][A-Z0-9_]{0,5}", EnvName::new);
            let set =
                prop::collection::vec((env(), "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{0,8}").prop_map(|(name, value)| EnvVar { name, value }), 0..3);
            let kind = prop::sample::select(vec![EnvSourceKind::ConfigMap, EnvSourceKind::Secret]);
            let from =
                (kind, name(), prop::collection::vec("[a-z.-]{1,6}", 0..3)).prop_map(|(kind, name, keys)| EnvSource { kind, name, keys });
            let variables = (set, prop::collection::vec(env(), 0..2), prop::option::of(from))
                .prop_filter("none", |(set, remove, from)| !set.is_empty() || !remove.is_empty() || from.is_some());
            let containers = prop::option::of("[a-z]{1,4}[*]?");
            op((workload(), variables, "[A-Z_]{0,3}", containers, on()).prop_map(
                |(target, (set, remove, from), prefix, containers, keep_existing)| SetEnv {
                    target,
                    set,
                    remove,
                    from,
                    prefix,
                    containers,
                    keep_existing,
                },
            ))
        }
        "set_resources" => {
            let amounts = |least| {
                let amount = text("[1-9][0-9]{0,2}(m|Mi|Gi)?", Quantity::new);
                let resource = text("cpu|memory|ephemeral-storage|example.com/gpu", LabelKey::new);
                prop::collection::btree_map(resource, amount, least..3)
            };
            op((workload(), amounts(1), amounts(0), prop::option::of("[a-z]{1,4}[*]?"))
                .prop_map(|(target, limits, requests, containers)| SetResources { target, limits, requests, containers }))
        }
        "set_selector" => {
            let key = text("([a-z.]{1,8}/)?[A-Za-z0-9._-]{1,8}", LabelKey::new);
            let value = text("[A-Za-z0-9._-]{0,8}", LabelValue::new);
            let selector = prop::collection::btree_map(key, value, 1..4);
            op((of_kinds(&["service"]), selector).prop_map(|(target, selector)| SetSelector { target, selector }))
        }
        "set_service_account" => {
            op((workload(), name()).prop_map(|(target, service_account)| SetServiceAccount { target, service_account }))
        }
        "set_subject" => {
            let names = |least| prop::collection::vec("[a-z][a-z:@/=, ]{0,6}", least..3);
            let accounts = prop::collection::vec((namespace(), name()).prop_map(|(namespace, name)| AccountOf { namespace, name }), 0..2);
            op((of_kinds(&["rolebinding", "clusterrolebinding"]), names(1), names(0), accounts)
                .prop_map(|(target, users, groups, service_accounts)| SetSubject { target, users, groups, service_accounts }))
        }
        "cordon" => {
            let names = prop::collection::vec(name(), 1..3).prop_map(Cordon::of);
            op(prop_oneof![names, word().prop_map(|value| Cordon { nodes: Vec::new(), selector: Some(format!("zone={value}")) })])
        }
        "uncordon" => {
            let names = prop::collection::vec(name(), 1..3).prop_map(Uncordon::of);
            op(prop_oneof![names, word().prop_map(|value| Uncordon { nodes: Vec::new(), selector: Some(format!("zone={value}")) })])
        }
        "drain" => {
            let nodes = prop_oneof![
                prop::collection::vec(name(), 1..3).prop_map(|nodes| (nodes, None)),
                word().prop_map(|s| (Vec::new(), Some(s)))
            ];
            let timeout = prop::option::of(prop::sample::select(vec!["10m", "0"]).prop_map(String::from));
            op((nodes, selector(), (on(), on(), on()), prop::option::of(any::<u32>()), timeout).prop_map(
                |((nodes, selector), pod_selector, (ignore_daemonsets, delete_emptydir_data, force), grace_period, timeout)| Drain {
                    nodes,
                    selector,
                    pod_selector,
                    ignore_daemonsets,
                    delete_emptydir_data,
                    force,
                    grace_period,
                    timeout,
                    pods: Vec::new(),
                },
            ))
        }
        "create_namespace" => op(namespace().prop_filter_map("none", |ns| ns).prop_map(|name| CreateNamespace { name })),
        "apply" => op((file(), namespace(), on(), on(), selector()).prop_map(|(files, namespace, force_conflicts, prune, selector)| {
            Apply { namespace, force_conflicts, prune, all: prune && selector.is_none(), selector, ..Apply::of_files(files) }
        })),
        "patch" => {
            let how = prop::sample::select(vec![PatchType::Json, PatchType::Merge, PatchType::Strategic]);
            let patch = json_value().prop_filter("no patch", |patch| !patch.is_null()).prop_map(|patch| (patch, None));
            let file = "[a-z./]{1,8}".prop_map(|file| (Value::Null, Some(file)));
            let part = prop::sample::select(vec![None, Some(Subresource::Scale), Some(Subresource::Status), Some(Subresource::Resize)]);
            op((any_target(), how, prop_oneof![2 => patch, 1 => file], part)
                .prop_map(|(target, how, (patch, patch_file), subresource)| Patch { target, how, patch, patch_file, subresource }))
        }
        "replace" => op((file(), namespace()).prop_map(|(files, namespace)| Replace { namespace, ..Replace::of_files(files) })),
        "create_deployment" => {
            let one = (prop::collection::vec(image(), 1..3), prop::option::of(any::<u32>()), prop::option::of(any::<u16>()), command());
            op((dns_name(), namespace(), one).prop_map(|(name, namespace, (images, replicas, port, command))| CreateDeployment {
                name,
                namespace,
                images,
                replicas,
                port,
                command,
            }))
        }
        "create_job" => {
            let of = prop_oneof![
                (image(), command()).prop_map(|(image, command)| (Some(image), None, command)),
                dns_name().prop_map(|from| (None, Some(from), Vec::new())),
            ];
            op((dns_name(), namespace(), of).prop_map(|(name, namespace, (image, from, command))| CreateJob {
                name,
                namespace,
                image,
                from,
                command,
            }))
        }
        "create_cron_job" => {
            let restart = prop::option::of(prop::sample::select(vec![JobRestart::OnFailure, JobRestart::Never]));
            op((dns_name(), namespace(), image(), "[*0-9/ ]{1,9}", restart, command()).prop_map(
                |(name, namespace, image, schedule, restart, command)| CreateCronJob { name, namespace, image, schedule, restart, command },
            ))
        }
        "create_service" => lines(
            vec![
                "clusterip",
                "clusterip --clusterip=None",
                "clusterip --clusterip=10.0.0.7",
                "nodeport",
                "nodeport --node-port=30007",
                "loadbalancer",
            ],
            vec!["--tcp=80", "--tcp=80:8080,443:https", "--tcp=5678:8080 --tcp=1"],
            "create service",
        ),
        "create_ingress" => lines(
            vec!["--rule=foo.com/*=web:80,tls=x", "--rule='a.b/c=web:http,tls' --rule='/d*=e:1'", "--default-backend=web:80"],
            vec!["", "--class=nginx", "--annotation=a.b/c='d e=f' --annotation=g="],
            "create ingress",
        ),
        "create_role" => lines(
            vec!["--verb=get,list", "--verb='*'", "--verb=get --verb=watch"],
            vec!["--resource=pods,pods/log", "--resource='*'", "--resource=deploy.apps --resource-name=a --resource-name=b"],
            "create role",
        ),
        "create_cluster_role" => lines(
            vec![
                "--verb=get --resource=nodes,widgets.example.com",
                "--verb=get --non-resource-url='/logs/*'",
                "--aggregation-rule=a/b=c,d=e",
            ],
            vec![""],
            "create clusterrole",
        ),
        "create_role_binding" => lines(
            vec!["--role=reader", "--clusterrole=system:view"],
            vec!["--user=a --user='b c'", "--group=g,h", "--serviceaccount=dev:builder", ""],
            "create rolebinding",
        ),
        "create_cluster_role_binding" => lines(
            vec!["--clusterrole=view"],
            vec!["--user=a", "--group=g", "--serviceaccount=dev:builder", ""],
            "create clusterrolebinding",
        ),
        "create_service_account" => op((dns_name(), namespace()).prop_map(|(name, namespace)| CreateServiceAccount { name, namespace })),
        "create_quota" => {
            lines(vec!["--hard=cpu=1,pods=2,requests.storage=5Gi", ""], vec!["--scopes=BestEffort,NotTerminating", ""], "create quota")
        }
        "create_pod_disruption_budget" => lines(
            vec!["--selector=app=web", "--selector='a in (b, c),!d'"],
            vec!["--min-available=2", "--max-unavailable=50%"],
            "create poddisruptionbudget",
        ),
        "create_priority_class" => lines(
            vec!["", "--value=-5", "--value=1000 --global-default"],
            vec!["", "--description=true --preemption-policy=Never", "--description='a b'"],
            "create priorityclass",
        ),
        "create_config_map" => lines(
            vec!["", "--from-literal=a='x=y z' --from-literal=b=true", "--from-env-file=a.env,b.env", "--from-file=a --from-file=k=b/c,d"],
            vec!["", "--append-hash"],
            "create configmap",
        ),
        // A value is nowhere to be read, so none that is printed reads back.
        "create_secret" => lines(
            vec!["", "--from-literal=a='<withheld>'", "--from-env-file=a.env", "--from-file=a --from-file=k=b"],
            vec!["", "--type=a/b", "--append-hash"],
            "create secret generic",
        ),
        "create_secret_tls" => lines(vec!["--cert=a.crt --key=b/c.key"], vec!["", "--append-hash"], "create secret tls"),
        "create_secret_docker_registry" => lines(
            vec!["--docker-username=u --docker-password='<withheld>'", "--from-file=a.json"],
            vec!["", "--docker-server=r.io --docker-email=a@b"],
            "create secret docker-registry",
        ),
        "run" => lines(
            vec!["--image=a:1", "--image=a --port=80 --expose", "--image=a --env=A=b --env='C=d e' --labels=a=b,c="],
            vec![
                "",
                "--restart=Never --privileged",
                "--image-pull-policy=Never --annotations=a='b c'",
                "--command -- sleep 5",
                "-- a '' b",
                "-it --restart=Never",
                "-i --attach=false",
                "--attach -- a",
            ],
            "run",
        ),
        "expose" => lines(
            vec!["", "--port=80", "--port=80,443 --target-port=http", "--port=53 --protocol=UDP --name=dns"],
            vec![
                "",
                "--type=LoadBalancer --load-balancer-ip=1.2.3.4",
                "--selector=a=b --labels=c=d",
                "--cluster-ip=None --session-affinity=ClientIP --external-ip=1.1.1.1",
            ],
            "expose deployment",
        ),
        "show_manifest" => {
            let one = prop::sample::select(vec![
                "create deployment web --image=a:1 -- sleep 1",
                "create namespace dev",
                "create -f a.yaml",
                "create job now --from=cronjob/a",
            ]);
            let output = prop::sample::select(vec!["", "-o yaml", "-ojson", "--output name"]);
            Some(
                (one, output)
                    .prop_map(|(one, output)| match one.split_once(" -- ") {
                        Some((one, command)) => Op::from_line(&format!("kubectl {one} --dry-run=client {output} -- {command}")).unwrap(),
                        None => Op::from_line(&format!("kubectl {one} --dry-run=client {output}")).unwrap(),
                    })
                    .boxed(),
            )
        }
        "wait_for" => {
            let until = prop::sample::select(vec!["create", "delete", "condition=Ready", "condition=Ready=false"]);
            let until = prop::collection::btree_set(until, 1..2);
            let choice = || {
                word().prop_map(|v| Choice {
                    kinds: vec![Kind::find("pods").unwrap()],
                    selector: Some(format!("app={v}")),
                    ..Choice::default()
                })
            };
            let of = prop_oneof![
                prop::collection::vec(any_target(), 1..2).prop_map(|targets| (targets, None)),
                choice().prop_map(|of| (Vec::new(), Some(of)))
            ];
            let timeout = prop::option::of(prop::sample::select(vec!["10m", "0", "-1s"]).prop_map(String::from));
            op((of, until, timeout).prop_filter("no name", |((_, of), until, _)| of.is_none() || !until.contains("create")).prop_map(
                |((targets, of), until, timeout)| WaitFor {
                    targets,
                    of,
                    until: until.into_iter().map(|u| u.parse().unwrap()).collect(),
                    timeout,
                },
            ))
        }
        "find" => {
            use find::{Compare, Condition, Fact, Field, Measure, Show};
            let select = prop::sample::select::<&'static str>;
            let kind = || select(vec!["pods", "deployments", "services", "nodes", "jobs"]).prop_map(|kind| Kind::find(kind).unwrap());
            let value = (select(vec!["3", "500Mi", "7d", "1h30m", "250m"]), prop::sample::select(Compare::ALL));
            let condition = prop_oneof![
                prop::sample::select(Fact::ALL).prop_map(Condition::is),
                prop::sample::select(Fact::ALL).prop_map(Condition::is_not),
                (prop::sample::select(Measure::ALL), value)
                    .prop_filter_map("another unit", |(m, (v, c))| Condition::measures(m, c, v).ok()),
                (prop::sample::select(Field::ALL), "[a-z0-9][a-z0-9./:-]{0,9}", on()).prop_map(|(field, value, not)| {
                    let value = if field == Field::Owner { "daemonset" } else { &value };
                    Condition { not, ..Condition::reads(field, value).unwrap() }
                }),
                (
                    select(vec!["spec.replicas", "metadata.name", "size(metadata.labels)"]),
                    select(vec!["<", "==", "!="]),
                    "[a-z 0-9'|;$]{0,9}"
                )
                    .prop_map(|(field, sign, value)| format!("{field} {sign} \"{value}\" || has(spec.paused)").parse().unwrap()),
            ];
            let show = prop::sample::subsequence(Show::ALL.to_vec(), 0..3);
            let order = prop::option::of(prop::sample::select(Measure::ALL));
            let of = prop_oneof![
                (Just(Vec::new()), place(), selector()),
                (prop::collection::vec(name(), 1..3), namespace().prop_map(|ns| (ns, false)), Just(None))
            ];
            op((kind(), of, prop::collection::vec(condition, 0..3), show, order).prop_filter_map(
                "it cannot be asked of that kind",
                |(kind, (names, (namespace, all_namespaces), selector), conditions, show, order)| {
                    let namespace = namespace.filter(|_| kind.namespaced());
                    let all_namespaces = all_namespaces && kind.namespaced();
                    let find = Find { names, namespace, all_namespaces, selector, conditions, show, order, ..Find::all(kind) };
                    find.fits().ok().map(|()| find)
                },
            ))
        }
        "who_can" => {
            let kind = prop::sample::select(vec!["pods", "deployments", "nodes"]).prop_map(|kind| Kind::find(kind).unwrap());
            let part = prop::option::of(prop::sample::select(vec!["exec", "log"]).prop_map(String::from));
            let verb = prop::sample::select(vec!["get", "delete", "*"]).prop_map(String::from);
            op((verb, kind, prop::option::of(name()), part, place()).prop_map(|(verb, kind, name, subresource, (namespace, all))| WhoCan {
                verb,
                kind,
                name,
                subresource,
                namespace: namespace.filter(|_| kind.namespaced()),
                all_namespaces: all && kind.namespaced(),
            }))
        }
        "certificate_approve" => op(prop::collection::vec(name(), 1..3).prop_map(|requests| CertificateApprove { requests })),
        "certificate_deny" => op(prop::collection::vec(name(), 1..3).prop_map(|requests| CertificateDeny { requests })),
        "helm_list" => {
            let states =
                ["--deployed", "--failed", "--pending", "--uninstalled", "--uninstalling", "--all", "-o json", "-o yaml", "-f '^a.b$'"];
            let flags = prop::sample::subsequence(states.to_vec(), 0..=3).prop_map(|flags| flags.join(" "));
            Some((flags, place()).prop_map(|(flags, (ns, all))| helm(&format!("list {flags} {}", if all { "-A" } else { "" }), ns)).boxed())
        }
        "helm_status" => revisions("status", &["", "-o json"]),
        "helm_get_values" => revisions("get values", &["", "--all", "-a -o yaml", "-ojson"]),
        "helm_get_manifest" => revisions("get manifest", &[""]),
        "helm_get_notes" => revisions("get notes", &[""]),
        "helm_get_hooks" => revisions("get hooks", &[""]),
        "helm_history" => {
            let flags = prop::sample::select(vec!["", "--max 3", "-o yaml"]);
            Some((release(), flags, namespace()).prop_map(|(name, flags, ns)| helm(&format!("history {name} {flags}"), ns)).boxed())
        }
        "helm_diff_revision" => {
            let to = prop::option::of(1u64..9).prop_map(|to| to.map_or_else(String::new, |to| to.to_string()));
            let parts = (release(), 1u64..9, to, namespace());
            Some(parts.prop_map(|(name, from, to, ns)| helm(&format!("diff revision {name} {from} {to}"), ns)).boxed())
        }
        "helm_rollback" => {
            let flags = prop::sample::select(vec!["", "2", "3 --no-hooks", "--timeout=5m --wait"]);
            Some((release(), flags, namespace()).prop_map(|(name, flags, ns)| helm(&format!("rollback {name} {flags}"), ns)).boxed())
        }
        "helm_uninstall" => {
            let flags = prop::sample::select(vec!["", "--keep-history", "--no-hooks --timeout 30s"]);
            Some((release(), flags, namespace()).prop_map(|(name, flags, ns)| helm(&format!("delete {name} {flags}"), ns)).boxed())
        }
        verb @ ("helm_install" | "helm_upgrade" | "helm_template" | "helm_lint") => {
            let words = verb.trim_start_matches("helm_").to_string();
            let charts =
                vec!["./shop", "../a.tgz", "oci://ghcr.io/acme/shop --version=^1.2", "nginx --repo https://example.com/charts", "'a b/c'"];
            let given = vec!["", "--set a.b=c,d=e", "--set 'a=it'\\''s' --set-string b=1", "-f v.yaml -f '$w.yaml'"];
            let own = match verb {
                "helm_install" => vec!["", "--create-namespace --timeout 1h", "--skip-crds", "--no-hooks --wait"],
                "helm_upgrade" => vec!["", "-i", "--install --reuse-values", "--reset-then-reuse-values --timeout=90s"],
                "helm_template" => vec!["", "--skip-crds --no-hooks"],
                _ => vec![""],
            };
            let select = prop::sample::select;
            let parts = (release(), select(charts), select(given), select(own), namespace());
            let named = verb != "helm_lint";
            Some(
                parts
                    .prop_map(move |(name, chart, given, own, ns)| {
                        let name = if named { name.to_string() } else { String::new() };
                        helm(&format!("{words} {name} {chart} {given} {own}"), ns)
                    })
                    .boxed(),
            )
        }
        "kustomize" => op("[a-zA-Z0-9./ '$_]{1,16}".prop_map(|folder| Kustomize { folder, objects: Vec::new() })),
        "create" => op((file(), namespace()).prop_map(|(files, namespace)| Create { namespace, ..Create::of_files(files) })),
        "each" => {
            let verb = prop::sample::select(vec![
                ("label", "tier=db gone- --overwrite"),
                ("rollout restart", ""),
                ("scale", "--replicas=2"),
                ("set image", "a=x:1"),
            ]);
            let of = prop_oneof![
                word().prop_map(|value| format!("deployments,statefulsets -l app={value}")),
                Just("pods --all".to_string()),
                Just("deployments --field-selector=metadata.name=a".to_string()),
                (name(), name()).prop_filter("one", |(a, b)| a != b).prop_map(|(a, b)| format!("deployment/{a} deployment/{b}")),
                file().prop_map(|files| files.iter().map(|f| format!("-f '{f}' ")).collect()),
            ];
            let place = place().prop_map(|(namespace, everywhere)| match namespace {
                Some(namespace) => format!("-n {namespace}"),
                None if everywhere => "-A".to_string(),
                None => String::new(),
            });
            Some(
                (verb, of, place)
                    .prop_filter_map("not together", |((verb, rest), of, place)| {
                        Op::from_line(&format!("kubectl {verb} {of} {rest} {place}")).ok()
                    })
                    .boxed(),
            )
        }
        _ => None,
    }
}

fn any_op() -> Union<BoxedStrategy<Op>> {
    Union::new(CATALOGUE.iter().map(|e| of(e.name).unwrap_or_else(|| panic!("{} has no generator here", e.name))))
}

/// Objects that a look might find: none, something senseless, a workload with a history.
fn any_seen() -> BoxedStrategy<Vec<Lookup<Value>>> {
    let template = json!({"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "a", "image": "x"}]}});
    let workload = json!({"metadata": {"uid": "u", "name": "a", "annotations": {"deployment.kubernetes.io/revision": "2"}},
        "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": template, "containers": [{"name": "a", "image": "x"}]}});
    let owner = json!([{"controller": true, "uid": "u", "kind": "Deployment", "name": "a", "apiVersion": "apps/v1"}]);
    let revision = |n: u32| {
        json!({"metadata": {"name": format!("r{n}"), "ownerReferences": owner, "annotations": {"deployment.kubernetes.io/revision": n.to_string()}},
               "revision": n, "spec": {"template": {"spec": {"x": n}}}, "data": {"spec": {"template": {"x": n, "$patch": "replace"}}}})
    };
    let history = json!({"items": [revision(1), revision(2)]});
    let odd = prop_oneof![json_value().prop_map(Lookup::Known), Just(Lookup::Missing), Just(Lookup::NotChecked("no".into()))];
    prop_oneof![
        2 => Just(vec![Lookup::Known(workload), Lookup::Known(history)]),
        1 => prop::collection::vec(odd, 0..4),
    ]
    .boxed()
}

#[test]
fn every_entry_documents_itself() {
    for entry in CATALOGUE {
        let schema = (entry.schema)();
        assert_eq!(schema["type"], "object", "{}", entry.name);
        assert!(!schema.to_string().contains("$ref"), "{}: {schema}", entry.name);
        let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("{} has no properties", entry.name));
        for (field, about) in properties {
            assert!(about["description"].as_str().is_some_and(|d| !d.is_empty()), "{}.{field} says nothing: {about}", entry.name);
        }
        assert!(!entry.about.is_empty() && entry.about.ends_with('.'), "{}", entry.name);
        let example = Op::from_line(entry.example).unwrap_or_else(|e| panic!("{}: {:?}: {e}", entry.name, entry.example));
        assert_eq!(example.entry().name, entry.name, "{}", entry.example);
        assert_eq!(entry.back.is_empty(), entry.reads, "{}", entry.name);
        let same = |e: &&Entry| e.name == entry.name || !e.verb.is_empty() && (e.program, e.verb) == (entry.program, entry.verb);
        assert_eq!(CATALOGUE.iter().filter(same).count(), 1, "{}", entry.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_printed_line_reads_back(op in any_op()) {
        let line = op.line();
        prop_assert_eq!(Op::from_line(&line).map_err(|e| TestCaseError::fail(format!("{line}: {e}")))?, op);
    }

    #[test]
    fn json_reads_back_and_an_unknown_field_does_not(op in any_op()) {
        let mut value = serde_json::to_value(&op).unwrap();
        prop_assert_eq!(value["op"].as_str(), Some(op.entry().name));
        prop_assert_eq!(Op::from_json(value.clone()).map_err(|e| TestCaseError::fail(format!("{value}: {e}")))?, op);
        value["nobody_knows_this"] = json!(1);
        let refused = Op::from_json(value).expect_err("an unknown field was taken");
        prop_assert!(refused.contains("nobody_knows_this"), "{}", refused);
    }

    #[test]
    fn what_reads_does_not_mutate(op in any_op(), seen in any_seen(), here in namespace()) {
        let mut op = op;
        if let Some(here) = here {
            op.verb_mut().place(&here);
        }
        prop_assert_eq!(op.verb().impact() == Impact::Reads, op.entry().reads);
        let mut known = Vec::new();
        for round in 0..4 {
            let looks = op.verb().looks(&known);
            prop_assert!(looks.iter().all(|c| !c.mutates()));
            if looks.is_empty() { break; }
            prop_assert!(round < 3, "it never stops looking");
            let from = known.len();
            known.extend((0..looks.len()).map(|at| seen.get(from + at).cloned().unwrap_or(Lookup::Missing)));
        }
        for seen in [&known, &seen] {
            if let Ok(calls) = op.verb().calls(seen, Timestamp::UNIX_EPOCH) {
                // A manifest is shown without asking anybody; what is not there need not be deleted.
                prop_assert!(!calls.is_empty() || ["show_manifest", "kustomize", "delete"].contains(&op.entry().name));
                prop_assert!(calls.iter().all(|c| c.mutates() != op.entry().reads));
                let images: Vec<Images<'_>> = calls.iter().map(|_| Images { before: seen.first().and_then(Lookup::known), after: None }).collect();
                if let Way::Back(ops) = op.verb().inverse(&images) {
                    prop_assert!(!op.entry().reads && !ops.is_empty());
                }
            }
        }
    }

    #[test]
    fn no_answer_makes_a_read_panic(op in any_op(), seen in any_seen(), answers in prop::collection::vec(json_value(), 0..4)) {
        let Ok(calls) = op.verb().calls(&seen, Timestamp::UNIX_EPOCH) else { return Ok(()) };
        let made_up = answers.iter().enumerate().map(|(call, a)| Reply { call, body: Lookup::Known(a.to_string().into_bytes()) });
        let likely = seen.iter().enumerate().map(|(call, s)| Reply { call, body: s.clone().map(|v| v.to_string().into_bytes()) });
        let _ = op.verb().answer(&calls, &made_up.collect::<Vec<_>>(), Timestamp::UNIX_EPOCH);
        let _ = op.verb().answer(&calls, &likely.collect::<Vec<_>>(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn no_line_makes_it_panic(text in ".{0,120}", at in any::<prop::sample::Index>(), op in any_op()) {
        let _ = Op::from_line(&text);
        let entry = at.get(CATALOGUE);
        let _ = Op::from_line(&format!("{} {} {text}", entry.program.word(), entry.verb.join(" ")));
        let mut broken: Vec<char> = op.line().chars().collect();
        broken.splice(at.index(broken.len()).., text.chars());
        let _ = Op::from_line(&broken.into_iter().collect::<String>());
    }

    #[test]
    fn no_json_makes_it_panic(value in json_value(), at in any::<prop::sample::Index>(), op in any_op()) {
        let _ = Op::from_json(value.clone());
        let mut whole = serde_json::to_value(&op).unwrap();
        let map = whole.as_object_mut().unwrap();
        let field = map.keys().nth(at.index(map.len())).unwrap().clone();
        map.insert(field, value.clone());
        let _ = Op::from_json(whole);
        for mut op in [Op::from(Apply::of(vec![value.clone()])), Op::from(Create::of(vec![value]))] {
            op.verb_mut().place(&Namespace::new("here").unwrap());
            let _ = op.verb().calls(&[], Timestamp::UNIX_EPOCH);
            let _ = (op.line(), op.verb().title(), op.verb().targets());
        }
    }
}
