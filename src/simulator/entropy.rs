//! Names, uids and hashes that look like Kubernetes' own and come out the same for the same seed.

/// The letters of generated names. Source: `k8s.io/apimachinery/pkg/util/rand`.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A small deterministic generator (splitmix64).
#[derive(Debug)]
pub(super) struct Entropy(pub(super) u64);

impl Entropy {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Five letters, as `generateName` appends them.
    pub(super) fn suffix(&mut self) -> String {
        let mut bits = self.next();
        (0..5)
            .map(|_| {
                let letter = letter(bits);
                bits /= LETTERS.len() as u64;
                letter
            })
            .collect()
    }

    /// A version 4 uid.
    pub(super) fn uid(&mut self) -> String {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

fn letter(n: u64) -> char {
    char::from(LETTERS[(n % LETTERS.len() as u64) as usize])
}

/// The `pod-template-hash` of a template: 32 bits of it, in the letters of generated names.
pub(super) fn template_hash(template: &serde_json::Value, collisions: i64) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in template.to_string().bytes().chain(collisions.to_le_bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash.to_string().bytes().map(|digit| letter(u64::from(digit))).collect()
}
