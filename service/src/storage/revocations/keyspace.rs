//! Every Redis key and field of the revocation list, spelled once, and the form of a cut in a field.
//!
//! | key | type | fields |
//! | --- | --- | --- |
//! | `PREFIX:list` | hash | `generation`, `position`, `everything`, `k:ROOT KEY ID` |
//! | `PREFIX:f:TOKEN ID` | hash | `family`, `c:FINGERPRINT`; `until` |
//! | `PREFIX:a:ACCOUNT ID` | hash | `account`, `s:SESSION ID`; `until` |
//! | `PREFIX:p:SNAP ID` | hash | `package`; `until` |
//!
//! A cut is `REACH|AT|REASON`: `all` or microseconds, microseconds, text. `until` is when the key may be forgotten,
//! in microseconds, and equals the key's expiry; a key that must stay has none.

use caveats::Timestamp;

use crate::model::revocation::{Cut, Reach, Subject, hex};

/// How the keys of one installation are spelled.
#[derive(Debug, Clone)]
pub(super) struct Keyspace {
    prefix: String,
}

impl Keyspace {
    /// Keys that begin with `prefix:`.
    pub(super) fn new(prefix: &str) -> Keyspace {
        Keyspace { prefix: prefix.to_owned() }
    }

    /// The hash that names the list's generation and how far into the journal it has come.
    pub(super) fn list(&self) -> String {
        format!("{}:list", self.prefix)
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
            Subject::RootKey(key) => (self.list(), format!("k:{key}")),
            Subject::Everything => (self.list(), "everything".to_owned()),
        }
    }
}

/// A cut as a field's value.
pub(super) fn encode(cut: &Cut) -> String {
    let reach = match cut.reach {
        Reach::All => "all".to_owned(),
        Reach::LoggedInBefore(moment) => moment.micros().to_string(),
    };
    format!("{reach}|{}|{}", cut.at.micros(), cut.reason)
}

/// A field's value as a cut; `None` if it is not one of ours.
pub(super) fn decode(value: &str) -> Option<Cut> {
    let (reach, rest) = value.split_once('|')?;
    let (at, reason) = rest.split_once('|')?;
    let moment = |text: &str| text.parse().ok().map(Timestamp::from_micros);
    let reach = if reach == "all" { Reach::All } else { Reach::LoggedInBefore(moment(reach)?) };
    Some(Cut { reach, at: moment(at)?, reason: reason.to_owned() })
}

/// Adds entries to the list, each at its place in the journal, and moves the position along. Safe to repeat.
///
/// KEYS: the list's hash, then the hash of each entry. ARGV: the generation it is for, then for each entry its number,
/// field, value and forgetting moment (microseconds, or empty). Answers with the position reached, or with the error
/// `GENERATION` when the list is not the one meant, or `GAP` when an entry before these is missing.
pub(super) const APPLY: &str = r"
local list = KEYS[1]
if redis.call('HGET', list, 'generation') ~= ARGV[1] then
  return redis.error_reply('GENERATION this is not the list that was meant')
end
local position = tonumber(redis.call('HGET', list, 'position') or '0')
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
  local at = 2 + (i - 2) * 4
  local seq, field, value, forget = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if seq > position + 1 then
    return redis.error_reply('GAP an earlier entry is missing')
  end
  local key = KEYS[i]
  local old = redis.call('HGET', key, field)
  if old then value = stricter(old, value) end
  if key ~= list then
    local known = redis.call('EXISTS', key) == 1
    local until_ = redis.call('HGET', key, 'until')
    if forget == '' then
      redis.call('HDEL', key, 'until')
      redis.call('PERSIST', key)
      redis.call('HSET', key, field, value)
    elseif known and not until_ then
      redis.call('HSET', key, field, value)
    else
      if until_ and tonumber(until_) > tonumber(forget) then forget = until_ end
      redis.call('HSET', key, field, value, 'until', forget)
      redis.call('PEXPIREAT', key, string.format('%.0f', math.ceil(tonumber(forget) / 1000)))
    end
  else
    redis.call('HSET', key, field, value)
  end
  if seq == position + 1 then position = seq end
end
redis.call('HSET', list, 'position', string.format('%.0f', position))
return position
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_reads_back_as_it_was_written_whatever_its_reason_says() {
        for reach in [Reach::All, Reach::LoggedInBefore(Timestamp::from_micros(17))] {
            let cut = Cut { reach, at: Timestamp::from_micros(5), reason: "a|b\nc".to_owned() };
            assert_eq!(decode(&encode(&cut)), Some(cut));
        }
        assert_eq!(decode("x"), None);
        assert_eq!(decode("x|1|"), None);
    }
}
