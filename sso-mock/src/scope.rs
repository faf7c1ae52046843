//! Scopes: a list of words that a client asks for and is told back (RFC 6749, 3.3).

use std::fmt;

/// What is granted when nothing is asked for, and what discovery names.
pub(crate) const ALL: [&str; 5] = ["openid", "email", "profile", "groups", "offline_access"];

/// A well-formed scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope(Vec<String>);

/// A scope has a character that none may have, or no word at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the scope is malformed")]
pub(crate) struct MalformedScope;

impl Scope {
    /// Everything there is.
    pub(crate) fn all() -> Scope {
        Scope(ALL.map(str::to_owned).to_vec())
    }

    /// Reads words with spaces between them.
    pub(crate) fn parse(text: &str) -> Result<Scope, MalformedScope> {
        let words: Vec<String> = text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if words.is_empty() || !words.iter().all(|word| word.bytes().all(allowed)) {
            return Err(MalformedScope);
        }
        Ok(Scope(words))
    }

    /// Whether a word is in it.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == word)
    }

    /// Whether every word of another is in it.
    pub(crate) fn covers(&self, other: &Scope) -> bool {
        other.0.iter().all(|word| self.has(word))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_told_back_as_it_was_asked_for() {
        assert_eq!(Scope::parse(" openid  email ").unwrap().to_string(), "openid email");
        assert!(Scope::all().covers(&Scope::parse("email openid").unwrap()));
        assert!(!Scope::all().covers(&Scope::parse("openid admin").unwrap()));
        for malformed in ["", "  ", "op\"en", "back\\slash", "naïve", "tab\there"] {
            assert_eq!(Scope::parse(malformed), Err(MalformedScope), "{malformed:?}");
        }
    }
}
