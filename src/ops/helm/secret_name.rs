//! Which names hold a secret value, as charts call them.

/// What a name that holds a secret ends with, in lower case and without `-`, `_` and `.`.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passwords",
    "pwd",
    "pass",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "tokens",
    "apikey",
    "apikeys",
    "accesskey",
    "accesskeyid",
    "secretkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "credential",
    "credentials",
    "dsn",
    "connectionstring",
    "databaseurl",
    "cookie",
    "auth",
    "dockerconfigjson",
    "salt",
];

/// Names that end so and name an object instead of holding its value.
const NAMES: &[&str] = &["existingsecret", "imagepullsecrets", "pullsecrets", "pullsecret", "imagepullsecret"];

/// Whether what stands under that name is a secret.
pub fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    SECRET.iter().any(|end| name.ends_with(end)) && !NAMES.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_a_secret() {
        for name in ["password", "DB_PASSWORD", "rootPassword2", "jwt-secret", "api.key", "auth", "secrets", "dbPass"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["replicas", "existingSecret", "imagePullSecrets", "secretName", "tokenExpiry", "author", "key"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
