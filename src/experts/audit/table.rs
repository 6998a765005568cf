//! How a family writes its checks down.

/// One table of checks: `NAME = "id" Severity confidence "meaning" reads [..] like "example" same_as [..];`.
macro_rules! checks {
    ($($Name:ident = $id:literal $severity:ident $confidence:literal $meaning:literal reads [$($reads:literal),*] like $example:literal same_as [$($same:literal),*];)*) => {
        $(static $Name: $crate::experts::diagnose::Rule = $crate::experts::diagnose::Rule {
            id: $id,
            meaning: $meaning,
            severity: $crate::experts::diagnose::Severity::$severity,
            confidence: $confidence,
            layer: $crate::experts::diagnose::Layer::Workload,
            reads: &[$($reads),*],
            example: $example,
            same_as: &[$($same),*],
        };)*
        /// Every check of this family.
        pub(super) static RULES: &[&$crate::experts::diagnose::Rule] = &[$(&$Name),*];
    };
}
pub(super) use checks;
