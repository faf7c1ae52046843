//! Every Redis key and field of the revocation list, spelled once, and what the scripts do with them.
//!
//! | key | type | fields |
//! | --- | --- | --- |
//! | `{PREFIX}:list` | hash | `installation`, `term`, `position`, `everything`, `k:ROOT KEY ID` |
//! | `{PREFIX}:f:TOKEN ID` | hash | `family`, `c:FINGERPRINT` |
//! | `{PREFIX}:a:ACCOUNT ID` | hash | `account`, `s:SESSION ID` |
//! | `{PREFIX}:p:SNAP ID` | hash | `package` |
//! | `{PREFIX}:k:SIGNING KEY ID` | hash | `key` |
//! | `{PREFIX}:barrier` | string | the number of the last write that was waited for |
//!
//! The braces put all of them into one slot of a cluster, so that a script may touch several and a check is one
//! transaction. A cut is `REACH|AT|REASON`: `all` or microseconds, microseconds, text. A key expires when the last of its
//! cuts may be forgotten; one with a cut that must stay does not.

use timestamp::Timestamp;

use revocation::{Reach, Revocation, Subject, hex};

/// How the keys of one installation are spelled.
#[derive(Debug, Clone)]
pub(super) struct Keyspace {
    prefix: String,
}

impl Keyspace {
    /// Keys that begin with `{prefix}:`.
    pub(super) fn new(prefix: &str) -> Keyspace {
        Keyspace { prefix: format!("{{{prefix}}}") }
    }

    /// The hash that names the list's installation and term, and how far into the journal it has come.
    pub(super) fn list(&self) -> String {
        format!("{}:list", self.prefix)
    }

    /// What is written last before replicas are waited for.
    pub(super) fn barrier(&self) -> String {
        format!("{}:barrier", self.prefix)
    }

    /// The hash and the field in which a subject's cut is kept.
    pub(super) fn place(&self, subject: &Subject) -> (String, String) {
        let prefix = &self.prefix;
        match subject {
            Subject::Credential(token, fingerprint) => {
                (format!("{prefix}:f:{token}"), format!("c:{}", hex(fingerprint)))
            }
            Subject::Family(token) => (format!("{prefix}:f:{token}"), "family".to_owned()),
            Subject::Session(account, session) => (format!("{prefix}:a:{account}"), format!("s:{session}")),
            Subject::Account(account) => (format!("{prefix}:a:{account}"), "account".to_owned()),
            Subject::Package(package) => (format!("{prefix}:p:{package}"), "package".to_owned()),
            Subject::SigningKey(key) => (format!("{prefix}:k:{key}"), "key".to_owned()),
            Subject::RootKey(key) => (self.list(), format!("k:{key}")),
            Subject::Everything => (self.list(), "everything".to_owned()),
        }
    }
}

/// A cut as a field's value.
pub(super) fn encode(cut: &Revocation) -> String {
    let reach = match cut.reach {
        Reach::All => "all".to_owned(),
        Reach::LoggedInBefore(moment) => moment.micros().to_string(),
    };
    format!("{reach}|{}|{}", cut.at.micros(), cut.reason)
}

/// A field's value as a cut; `None` if it is not one of ours.
pub(super) fn decode(value: &str) -> Option<Revocation> {
    let (reach, rest) = value.split_once('|')?;
    let (at, reason) = rest.split_once('|')?;
    let moment = |text: &str| text.parse().ok().map(Timestamp::from_micros);
    let reach = if reach == "all" { Reach::All } else { Reach::LoggedInBefore(moment(reach)?) };
    Some(Revocation { reach, at: moment(at)?, reason: reason.to_owned() })
}

/// Begins a term: what the list holds is kept if it is this installation's, and its position is the answer.
///
/// KEYS: the list's hash. ARGV: the installation, the term, and how far the journal has come. Answers with the position to
/// go on from, or with the error `FENCED` when a later term has begun, or `AHEAD` when the list knows entries that the
/// journal has not.
pub(super) const BEGIN: &str = r"
local list = KEYS[1]
local old = redis.call('HMGET', list, 'installation', 'term', 'position')
local position = '0'
if old[1] == ARGV[1] and old[3] then
  if old[2] and tonumber(old[2]) > tonumber(ARGV[2]) then
    return redis.error_reply('FENCED a later term has begun')
  end
  if tonumber(old[3]) > tonumber(ARGV[3]) then
    return redis.error_reply('AHEAD the list knows entries that the journal has not')
  end
  position = old[3]
else
  redis.call('DEL', list)
end
redis.call('HSET', list, 'installation', ARGV[1], 'term', ARGV[2], 'position', position)
return tonumber(position)
";

/// Adds a page of the journal to the list, each entry in its order. Safe to repeat: what was applied is skipped.
///
/// KEYS: the list's hash, then the hash of each entry. ARGV: the term it is for, the number before the page's first and
/// that of its last entry, then for each entry its number, field, value, forgetting moment (milliseconds, or empty) and
/// `cut` or `lift`; the value of a lift replaces the field's, and an empty one removes it. Answers with the position
/// reached, or with the error `TERM` when the list is of another term, or `GAP` when an entry before these is missing.
pub(super) const APPLY: &str = r"
local list = KEYS[1]
local known = redis.call('HMGET', list, 'term', 'position')
if known[1] ~= ARGV[1] then
  return redis.error_reply('TERM this is not the list that was meant')
end
local position = tonumber(known[2] or '0')
if tonumber(ARGV[2]) > position then
  return redis.error_reply('GAP an earlier entry is missing')
end
local function reach(value)
  return string.match(value, '^[^|]*')
end
local function stricter(one, other)
  if reach(one) == 'all' then return one end
  if reach(other) == 'all' then return other end
  if tonumber(reach(other)) > tonumber(reach(one)) then return other end
  return one
end
for i = 2, #KEYS do
  local at = 4 + (i - 2) * 5
  local key, seq, field, value, forget = KEYS[i], tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if seq > position then
    if ARGV[at + 4] == 'lift' then
      if value == '' then redis.call('HDEL', key, field) else redis.call('HSET', key, field, value) end
    else
      local old = redis.call('HGET', key, field)
      if old then value = stricter(old, value) end
      if key == list then
        redis.call('HSET', key, field, value)
      else
        local fresh = redis.call('EXISTS', key) == 0
        redis.call('HSET', key, field, value)
        if forget == '' then
          redis.call('PERSIST', key)
        elseif fresh then
          redis.call('PEXPIREAT', key, forget)
        else
          redis.call('PEXPIREAT', key, forget, 'GT')
        end
      end
    end
  end
end
if tonumber(ARGV[3]) > position then
  position = tonumber(ARGV[3])
  redis.call('HSET', list, 'position', ARGV[3])
end
return position
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_reads_back_as_it_was_written_whatever_its_reason_says() {
        for reach in [Reach::All, Reach::LoggedInBefore(Timestamp::from_micros(17))] {
            let cut = Revocation { reach, at: Timestamp::from_micros(5), reason: "a|b\nc".to_owned() };
            assert_eq!(decode(&encode(&cut)), Some(cut));
        }
        assert_eq!(decode("x"), None);
        assert_eq!(decode("x|1|"), None);
    }
}
