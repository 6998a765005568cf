//! Where a manifest's text says what: the line of a place in one of its objects.
//!
//! Only asked for when something is refused, so nothing is kept but the text.
use granit_parser::{Event, Parser};
use std::{fmt, sync::Arc};

/// One text that objects were read from, YAML or JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Written {
    place: String,
    text: Arc<str>,
}

/// The text may be a Secret's.
impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({})", self.place)
    }
}

impl Written {
    /// A text and what it is called: a path, an address, `standard input`.
    pub fn new(place: &str, text: &str) -> Written {
        Written { place: place.to_string(), text: text.into() }
    }

    /// What the text is called.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The line (from 1) where the object of this kind and name says `place`, as API servers write places:
    /// `spec.ports[0].port`, `.spec.containers[name="web"].image`, `metadata.labels[app]`. What is not there is looked for as
    /// far as it is; of an empty place it is the line where the object begins. `None` where no such object is in the text.
    pub fn line(&self, kind: &str, name: &str, place: &str) -> Option<usize> {
        let steps = steps(place);
        documents(&self.text).iter().find_map(|document| within(document, kind, name, &steps))
    }

    /// The lines where its objects begin: those of a List one by one, empty documents left out.
    pub fn objects(&self) -> Vec<usize> {
        let mut lines = Vec::new();
        documents(&self.text).iter().for_each(|document| begin(document, &mut lines));
        lines
    }
}

fn begin(node: &Node, lines: &mut Vec<usize>) {
    match (&node.is, node.field("kind"), node.field("items")) {
        (_, Some((_, Node { is: Is::Scalar(kind), .. })), Some((_, Node { is: Is::List(items), .. }))) if kind.ends_with("List") => {
            items.iter().for_each(|item| begin(item, lines));
        }
        (Is::Map(_), _, _) => lines.push(node.line),
        (Is::Scalar(_) | Is::List(_), _, _) => {}
    }
}

/// A value and where it stands.
struct Node {
    line: usize,
    is: Is,
}

enum Is {
    Scalar(String),
    List(Vec<Node>),
    /// Key, the key's line, value.
    Map(Vec<(String, usize, Node)>),
}

impl Node {
    fn field(&self, name: &str) -> Option<(usize, &Node)> {
        match &self.is {
            Is::Map(fields) => fields.iter().find(|(key, ..)| key == name).map(|(_, line, value)| (*line, value)),
            Is::Scalar(_) | Is::List(_) => None,
        }
    }

    fn says(&self, name: &str, text: &str) -> bool {
        matches!(self.field(name), Some((_, Node { is: Is::Scalar(said), .. })) if said == text)
    }
}

fn within(node: &Node, kind: &str, name: &str, steps: &[Step]) -> Option<usize> {
    if node.says("kind", kind) && node.field("metadata").is_some_and(|(_, metadata)| metadata.says("name", name)) {
        return Some(deepest(node, node.line, steps).0);
    }
    match node.field("items")?.1 {
        Node { is: Is::List(items), .. } => items.iter().find_map(|item| within(item, kind, name, steps)),
        Node { is: Is::Scalar(_) | Is::Map(_), .. } => None,
    }
}

/// One step of a place as a server writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    At(usize),
    /// The element whose fields print as these.
    With(Vec<(String, String)>),
}

/// The line of what these steps lead to, as far as they lead, and how many of them did.
fn deepest(node: &Node, line: usize, steps: &[Step]) -> (usize, usize) {
    let Some((step, rest)) = steps.split_first() else { return (line, 0) };
    let inside = match (step, &node.is) {
        (Step::Field(name), Is::Map(_)) => node.field(name).map(|(line, value)| deepest(value, line, rest)),
        (Step::At(at), Is::List(items)) => items.get(*at).map(|item| deepest(item, item.line, rest)),
        (Step::With(keys), Is::List(items)) => {
            items.iter().find(|item| keys.iter().all(|(key, value)| item.says(key, value))).map(|item| deepest(item, item.line, rest))
        }
        // Decoders name a field of a list's elements without saying which.
        (Step::Field(_), Is::List(items)) => {
            let (line, far) = items.iter().map(|item| deepest(item, item.line, steps)).reduce(|a, b| if b.1 > a.1 { b } else { a }).unzip();
            return (line.unwrap_or(node.line), far.unwrap_or(0));
        }
        (Step::Field(_) | Step::At(_) | Step::With(_), Is::Scalar(_)) | (Step::At(_) | Step::With(_), Is::Map(_)) => None,
    };
    inside.map_or((line, 0), |(line, far)| (line, far + 1))
}

fn steps(place: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = place;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(inner) = rest.strip_prefix('[') {
            let Some((inner, after)) = inner.split_once(']') else { return steps };
            steps.push(element(inner));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if !name.is_empty() {
                steps.push(Step::Field(name.to_string()));
            } else if after.is_empty() {
                return steps;
            }
            rest = after;
        }
    }
    steps
}

fn element(inner: &str) -> Step {
    if let Ok(at) = inner.parse() {
        return Step::At(at);
    }
    let keys: Option<Vec<_>> = inner
        .split(',')
        .map(|pair| pair.split_once('=').map(|(key, value)| (key.trim().to_string(), value.trim().trim_matches('"').to_string())))
        .collect();
    keys.map_or_else(|| Step::Field(inner.trim_matches('"').to_string()), Step::With)
}

/// Text that breaks off is read as far as it goes.
fn documents(text: &str) -> Vec<Node> {
    /// What is open, and in a map the key that waits for its value.
    struct Open {
        node: Node,
        key: Option<(String, usize)>,
    }
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        let line = span.start.line();
        let done = match event {
            Event::Scalar(text, ..) => Node { line, is: Is::Scalar(text.into_owned()) },
            Event::Alias(_) => Node { line, is: Is::Scalar(String::new()) },
            Event::SequenceStart(..) => {
                open.push(Open { node: Node { line, is: Is::List(Vec::new()) }, key: None });
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open { node: Node { line, is: Is::Map(Vec::new()) }, key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(closed) => closed.node,
                None => break,
            },
            _ => continue,
        };
        match open.last_mut() {
            None => documents.push(done),
            Some(Open { node: Node { is: Is::List(items), .. }, .. }) => items.push(done),
            Some(Open { node: Node { is: Is::Map(fields), .. }, key }) => match (key.take(), done) {
                (Some((name, line)), value) => fields.push((name, line, value)),
                (None, Node { line, is: Is::Scalar(name) }) => *key = Some((name, line)),
                // A key that is no word names nothing a server would.
                (None, Node { line, .. }) => *key = Some((String::new(), line)),
            },
            Some(Open { node: Node { is: Is::Scalar(_), .. }, .. }) => break,
        }
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = r#"# two of them
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  ports:
  - port: 80
    name: http
  - {port: 99999,
     name: high}
---
kind: List
items:
- kind: Deployment
  metadata:
    labels:
      app.kubernetes.io/name: web
    name: web
  spec:
    replicas: "3"
    template:
      spec:
        containers:
        - name: one
          image: nginx
        - name: two
          ports:
          - containerPort: 800000
"#;

    #[test]
    fn a_place_has_a_line() {
        let written = Written::new("web.yaml", TEXT);
        for (kind, place, line) in [
            ("Service", "", 2),
            ("Service", "spec.ports[0].port", 7),
            ("Service", "spec.ports[1].port", 9),
            ("Service", ".spec.ports[port=99999,name=\"high\"].name", 10),
            ("Service", "metadata.labels[app]", 4),
            ("Service", "spec.selector", 5),
            ("Deployment", "", 14),
            ("Deployment", "metadata.labels[app.kubernetes.io/name]", 17),
            ("Deployment", ".spec.replicas", 20),
            ("Deployment", "spec.template.spec.containers[1].image", 26),
            ("Deployment", "spec.template.spec.containers[1].ports[0].containerPort", 28),
            ("Deployment", ".spec.template.spec.containers[name=\"two\"].ports", 27),
            ("Deployment", "spec.template.spec.containers.ports.containerPort", 28),
            ("Deployment", "spec.nothing[of].the[kind", 19),
        ] {
            assert_eq!(written.line(kind, "web", place), Some(line), "{kind} {place}");
        }
        assert_eq!(written.line("Deployment", "other", "spec"), None);
        assert_eq!(written.objects(), [2, 14]);
        let json = Written::new("a.json", "{\"kind\": \"Pod\",\n \"metadata\": {\"name\": \"x\"},\n \"spec\": {}}");
        assert_eq!(json.line("Pod", "x", "spec.containers"), Some(3));
    }

    proptest! {
        #[test]
        fn any_text_and_any_place_are_taken(text in "(?s).{0,200}", place in "[a-z.\\[\\]=\"0-9,]{0,40}") {
            let _ = Written::new("x", &text).line("Pod", "x", &place);
            let _ = Written::new("x", TEXT).line("Service", "web", &place);
        }
    }
}
