//! An errand as arguments. A value that somebody chose stands behind the `=` of its flag, or behind `--`.

use super::bundle::Bundle;
use crate::ops::helm::{Errand, Onto, Recipe, Work};

/// The arguments of an errand. The program is run inside the bundle's folder.
pub(super) fn of(errand: &Errand, bundle: &Bundle) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let onto = match &errand.work {
        Work::Version => return vec!["version".into(), "--template={{.Version}}".into()],
        Work::Template(_) => vec!["template"],
        Work::Lint(_) => vec!["lint"],
        Work::Rehearse(_, onto) | Work::Apply { onto, .. } => match onto {
            Onto::Nothing => vec!["install"],
            Onto::Release => vec!["upgrade"],
            Onto::Either => vec!["upgrade", "--install"],
        },
        Work::Rollback { .. } => vec!["rollback"],
        Work::Uninstall { .. } => vec!["uninstall"],
    };
    words.extend(onto.into_iter().map(String::from));
    if let Some(namespace) = &errand.namespace {
        words.push(format!("--namespace={namespace}"));
    }
    let waits = [format!("--timeout={}s", errand.timeout), "--wait".to_string()];
    match &errand.work {
        Work::Version => {}
        Work::Template(recipe) => words.extend(values(recipe, bundle).into_iter().chain(makes(recipe))),
        Work::Lint(recipe) => words.extend(values(recipe, bundle)),
        Work::Rehearse(recipe, _) => {
            words.extend(values(recipe, bundle).into_iter().chain(makes(recipe)).chain(lays(recipe)));
            words.extend(["--dry-run=server".into(), "--output=json".into()]);
        }
        Work::Apply { recipe, .. } => {
            words.extend(values(recipe, bundle).into_iter().chain(makes(recipe)).chain(lays(recipe)).chain(waits));
            words.push("--output=json".into());
        }
        Work::Rollback { no_hooks, .. } => {
            words.extend(no_hooks.then(|| "--no-hooks".to_string()).into_iter().chain(waits));
        }
        Work::Uninstall { keep_history, no_hooks } => {
            words.extend(keep_history.then(|| "--keep-history".to_string()));
            words.extend(no_hooks.then(|| "--no-hooks".to_string()).into_iter().chain(waits));
        }
    }
    words.push("--".into());
    // Linting is about a chart alone.
    words.extend(errand.release.iter().map(ToString::to_string));
    words.extend(errand.recipe().map(|_| bundle.chart.clone()));
    if let Work::Rollback { to, .. } = &errand.work {
        words.push(to.to_string());
    }
    words
}

fn values(recipe: &Recipe, bundle: &Bundle) -> Vec<String> {
    let files = bundle.values.iter().map(|file| format!("--values={file}"));
    let sets = recipe.set.iter().map(|set| format!("--set={set}"));
    files.chain(sets).chain(recipe.set_string.iter().map(|set| format!("--set-string={set}"))).collect()
}

fn makes(recipe: &Recipe) -> Vec<String> {
    let on = [(recipe.skip_crds, "--skip-crds"), (recipe.no_hooks, "--no-hooks")];
    on.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag.to_string()).collect()
}

fn lays(recipe: &Recipe) -> Vec<String> {
    let made = recipe.create_namespace.then(|| "--create-namespace".to_string());
    made.into_iter().chain(recipe.base_values.flag().map(|flag| format!("--{flag}"))).collect()
}

/// The arguments that fetch a chart into a folder, for one that only helm can fetch.
pub(super) fn pull(recipe: &Recipe, into: &str) -> Vec<String> {
    let mut words = vec!["pull".to_string(), format!("--destination={into}")];
    words.extend(recipe.repo.as_ref().map(|repo| format!("--repo={repo}")));
    words.extend(recipe.version.as_ref().map(|version| format!("--version={version}")));
    words.extend(["--".to_string(), recipe.chart.to_string()]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Action, Op};

    fn errand(line: &str, work: fn(Recipe) -> Work) -> Errand {
        let op = Op::from_line(line).unwrap();
        let recipe = match op {
            Op::HelmUpgrade(op) => op.recipe,
            Op::HelmInstall(op) => op.recipe,
            other => panic!("{other:?}"),
        };
        let version = Call::looking();
        Errand { work: work(recipe), release: Some("shop".parse().unwrap()), namespace: Some("dev".parse().unwrap()), ..version }
    }

    /// Any errand to build on.
    struct Call;
    impl Call {
        fn looking() -> Errand {
            let op = Op::from_line("helm lint ./x").unwrap();
            match op.verb().calls(&[], jiff::Timestamp::UNIX_EPOCH).unwrap().remove(0).action {
                Action::Program(errand) => *errand,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_somebody_chose_stands_behind_its_flag_or_behind_the_dashes() {
        let line = "helm upgrade shop ./shop --install -f v.yaml --set a=--post-renderer=sh --set 'b=$(id)' --set-string=c=1 --reuse-values -n dev";
        let mut bundle = Bundle::none();
        (bundle.chart, bundle.values) = ("./chart".into(), vec!["values-0.yaml".into()]);
        let words = of(&errand(line, |recipe| Work::Apply { recipe, onto: Onto::Either, bundle: "x".into() }), &bundle);
        assert_eq!(
            words,
            [
                "upgrade",
                "--install",
                "--namespace=dev",
                "--values=values-0.yaml",
                "--set=a=--post-renderer=sh",
                "--set=b=$(id)",
                "--set-string=c=1",
                "--reuse-values",
                "--timeout=60s",
                "--wait",
                "--output=json",
                "--",
                "shop",
                "./chart"
            ]
        );
        let words = of(&errand(line, |recipe| Work::Rehearse(recipe, Onto::Either)), &bundle);
        assert!(words.contains(&"--dry-run=server".to_string()) && !words.contains(&"--wait".to_string()));
    }

    #[test]
    fn nothing_that_looks_goes_without_its_dry_run() {
        let words = of(&errand("helm install shop ./shop", |recipe| Work::Rehearse(recipe, Onto::Nothing)), &Bundle::none());
        assert_eq!(words[0], "install");
        assert!(words.contains(&"--dry-run=server".to_string()));
        let roll = Errand { work: Work::Rollback { to: 2, no_hooks: false }, ..errand("helm install shop ./shop", Work::Lint) };
        assert_eq!(of(&roll, &Bundle::none()), ["rollback", "--namespace=dev", "--timeout=60s", "--wait", "--", "shop", "2"]);
        let gone = Errand { work: Work::Uninstall { keep_history: true, no_hooks: true }, ..roll };
        assert_eq!(
            of(&gone, &Bundle::none()),
            ["uninstall", "--namespace=dev", "--keep-history", "--no-hooks", "--timeout=60s", "--wait", "--", "shop"]
        );
    }
}
