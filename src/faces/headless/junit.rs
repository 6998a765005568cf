//! An audit as JUnit's XML, which every CI server reads: a suite for each check, a test case for each finding, one that passes where a check found nothing.
//!
//! Source: the format as `github.com/testmoapp/junitxml` and Jenkins' schema describe it; of characters, "Extensible Markup Language (XML) 1.0", section 2.2.

use crate::{
    experts::{
        audit::Audit,
        diagnose::{Finding, Rule, Severity},
    },
    faces::args::FailOn,
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::io::{self, Write};

/// Whatever XML may hold at all; its signs are escaped by the writer.
fn legal(text: &str) -> String {
    let may = |c: &char| matches!(c, '\t' | '\n') || !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    text.chars().filter(may).collect()
}

/// The whole document. What is less than `fail_on` (warnings, where it is not said) passes, with what it says as output.
pub(super) fn junit(found: &Audit, millis: u128, fail_on: Option<FailOn>) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory does not fail; if it did, what is there would be no document.
    match document(&mut writer, found, millis, fail_on.map_or(Severity::Warning, FailOn::severity)) {
        Ok(()) => format!("{}\n", String::from_utf8_lossy(&writer.into_inner())),
        Err(why) => format!("{why}\n"),
    }
}

fn document<W: Write>(writer: &mut Writer<W>, found: &Audit, millis: u128, least: Severity) -> io::Result<()> {
    let checks: Vec<&'static Rule> = found.areas.iter().flat_map(|area| area.checks.iter().copied()).collect();
    let of = |rule: &'static Rule| found.found.findings.iter().filter(move |f| f.rule == rule);
    let unchecked = &found.found.not_checked;
    let tests: usize = checks.iter().map(|rule| of(rule).count().max(1)).sum::<usize>();
    let tests = (tests + unchecked.len()).to_string();
    let failures = found.found.findings.iter().filter(|f| f.severity >= least).count().to_string();
    let seconds = format!("{}.{:03}", millis / 1000, millis % 1000);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = writer.create_element("testsuites").with_attributes([
        ("name", "aiops audit"),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
        ("errors", "0"),
        ("time", seconds.as_str()),
    ]);
    all.write_inner_content(|writer| {
        for rule in checks {
            let findings: Vec<&Finding> = of(rule).collect();
            suite(writer, rule, &findings, least)?;
        }
        if unchecked.is_empty() {
            return Ok(());
        }
        let many = unchecked.len().to_string();
        let suite = writer.create_element("testsuite").with_attributes([
            ("name", "not checked"),
            ("tests", many.as_str()),
            ("failures", "0"),
            ("errors", "0"),
            ("skipped", many.as_str()),
        ]);
        suite.write_inner_content(|writer| {
            for why in unchecked {
                let why = legal(why);
                let case = writer.create_element("testcase").with_attributes([("classname", "not checked"), ("name", why.as_str())]);
                case.write_inner_content(|writer| {
                    writer.create_element("skipped").with_attribute(("message", why.as_str())).write_empty()?;
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn suite<W: Write>(writer: &mut Writer<W>, rule: &Rule, findings: &[&Finding], least: Severity) -> io::Result<()> {
    let failures = findings.iter().filter(|f| f.severity >= least).count().to_string();
    let tests = findings.len().max(1).to_string();
    let id = legal(rule.id);
    let suite = writer.create_element("testsuite").with_attributes([
        ("name", id.as_str()),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
        ("errors", "0"),
        ("skipped", "0"),
    ]);
    suite.write_inner_content(|writer| {
        if findings.is_empty() {
            let meaning = legal(rule.meaning);
            writer.create_element("testcase").with_attributes([("classname", id.as_str()), ("name", meaning.as_str())]).write_empty()?;
        }
        for finding in findings {
            let at = &finding.subject;
            let whole = [&*at.namespace, &*at.kind, &*at.name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
            let (name, message) = (legal(&whole), legal(&finding.title));
            let evidence = legal(&finding.evidence.join("\n"));
            let case = writer.create_element("testcase").with_attributes([("classname", id.as_str()), ("name", name.as_str())]);
            case.write_inner_content(|writer| {
                if finding.severity >= least {
                    let kind = if finding.severity == Severity::Error { "error" } else { "warning" };
                    let failure = writer.create_element("failure").with_attributes([("message", message.as_str()), ("type", kind)]);
                    failure.write_text_content(BytesText::new(&evidence))?;
                } else {
                    writer.create_element("system-out").write_text_content(BytesText::new(&message))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        experts::audit::{self, Asked},
        facts::snapshot::{Documents, NotRead},
    };
    use proptest::prelude::*;
    use quick_xml::Reader;
    use serde_json::json;

    fn told(name: &str, fail_on: Option<FailOn>) -> String {
        let mut all = Documents::new("2026-06-01T00:00:00Z".parse().unwrap());
        let spec = json!({"hostPID": true, "containers": [{"name": name, "image": "r.io/a:1"}]});
        all.take("a.yaml", json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}));
        let mut snapshot = all.finish();
        snapshot.not_read.push(NotRead { what: name.into(), why: "it is <broken> & \"odd\"".into() });
        junit(&audit::audit(&snapshot, Asked::default()), 1234, fail_on)
    }

    /// Every element with its attributes, as a reader of XML sees them.
    fn elements(text: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut reader = Reader::from_str(text);
        let mut all = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(e) | Event::Empty(e) => {
                    let name = e.name().as_ref().to_string();
                    let pair = |a: quick_xml::events::attributes::Attribute<'_>| (a.key.as_ref().to_string(), a.value.to_string());
                    all.push((name, e.attributes().map(|a| pair(a.unwrap())).collect()));
                }
                Event::Eof => return all,
                _ => {}
            }
        }
    }

    fn value<'a>(of: &'a [(String, String)], key: &str) -> &'a str {
        of.iter().find(|(k, _)| k == key).map_or("", |(_, v)| v)
    }

    #[test]
    fn the_figures_are_those_of_what_stands_there() {
        let text = told("web", None);
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"), "{text}");
        let all = elements(&text);
        let count = |name: &str| all.iter().filter(|(n, _)| n == name).count().to_string();
        assert_eq!(all[0].0, "testsuites");
        let top = &all[0].1;
        assert_eq!((value(top, "tests"), value(top, "failures"), value(top, "time")), (&*count("testcase"), &*count("failure"), "1.234"));
        assert_eq!(count("skipped"), "1");
        let suite = |id: &str| all.iter().find(|(n, a)| n == "testsuite" && value(a, "name") == id).unwrap().1.clone();
        assert_eq!((value(&suite("host-pid"), "failures"), value(&suite("host-ipc"), "failures")), ("1", "0"));
        // A note is no failure, unless it is asked for.
        assert_eq!(value(&suite("owner-label-missing"), "failures"), "0");
        let strict = elements(&told("web", Some(FailOn::Info)));
        let strict = strict.iter().find(|(n, a)| n == "testsuite" && value(a, "name") == "owner-label-missing").unwrap();
        assert_eq!(value(&strict.1, "failures"), "1");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn whatever_the_objects_are_called_it_is_xml(name in "\\PC{0,6}[<>&\"'\\x00-\\x1f\u{FFFE}]{0,6}") {
            let text = told(&name, None);
            prop_assert!(!elements(&text).is_empty());
            prop_assert!(text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        }
    }
}
