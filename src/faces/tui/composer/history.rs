//! Earlier requests, gone through with up and down; what was being typed waits at the end.

/// How many are kept.
const KEPT: usize = 500;

/// Earlier requests, oldest first.
#[derive(Debug, Default)]
pub struct History {
    kept: Vec<String>,
    /// Where one is; `None`: at what is being typed.
    at: Option<usize>,
    draft: String,
}

impl History {
    /// Keeps a request, unless it is the one before it.
    pub fn keep(&mut self, text: &str) {
        self.at = None;
        self.draft.clear();
        if text.trim().is_empty() || self.kept.last().is_some_and(|last| last == text) {
            return;
        }
        if self.kept.len() == KEPT {
            self.kept.remove(0);
        }
        self.kept.push(text.to_string());
    }

    /// The one before; `typed` is what stands there now.
    pub fn older(&mut self, typed: &str) -> Option<&str> {
        let next = match self.at {
            None => self.kept.len().checked_sub(1)?,
            Some(at) => at.checked_sub(1)?,
        };
        if self.at.is_none() {
            self.draft = typed.to_string();
        }
        self.at = Some(next);
        self.kept.get(next).map(String::as_str)
    }

    /// The one after; after the last one, what was being typed.
    pub fn newer(&mut self) -> Option<&str> {
        let at = self.at?;
        if at + 1 < self.kept.len() {
            self.at = Some(at + 1);
            return self.kept.get(at + 1).map(String::as_str);
        }
        self.at = None;
        Some(&self.draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_and_down_come_back_to_what_was_being_typed() {
        let mut history = History::default();
        history.keep("get pods");
        history.keep("get pods");
        history.keep("undo");
        assert_eq!(history.older("sca"), Some("undo"));
        assert_eq!(history.older("undo"), Some("get pods"));
        assert_eq!(history.older("get pods"), None);
        assert_eq!(history.newer(), Some("undo"));
        assert_eq!(history.newer(), Some("sca"));
        assert_eq!(history.newer(), None);
    }
}
