//! The report in words, the verdict first.

use std::collections::BTreeSet;

use timestamp::Timestamp;

use super::report::{Account, Report, State, Verdict};
use crate::terminal::permission::meaning;
use crate::terminal::time::{Moment, relative, shown};

/// The whole text.
pub(crate) fn text(report: &Report, now: Timestamp) -> String {
    let mut page = Page::default();
    page.line(&verdict(report, now));
    for reason in report.reasons.iter().filter(|reason| reason.kind != "expired") {
        page.line(&format!("  - {}", reason.message));
    }
    if let Some(hint) = &report.hint {
        page.line(hint);
    }
    page.line("");
    page.line(&format!("It is {}{}.", report.form, half(report.discharge.state)));
    whose(&mut page, report, now);
    if report.discharge.state == State::Alone {
        page.row("expires", moment(report.expires_at, now, "never"));
        return page.text.trim_end().to_owned();
    }
    page.line("");
    page.line(match report.verdict {
        Verdict::Usable | Verdict::NotYet => "It allows:",
        Verdict::Expired => "It allowed:",
        Verdict::Useless => "It would allow:",
    });
    allows(&mut page, report, now);
    page.line("");
    page.line("Not checked, as only the service can: the signatures (it has the root key), whether it was revoked, who");
    page.line("owns the snaps, and whether the account still has its roles.");
    if report.can_do_something() {
        page.line("To put an end to it: macaroond revoke FILE --server URL");
    }
    page.text.trim_end().to_owned()
}

fn verdict(report: &Report, now: Timestamp) -> String {
    let end = match report.expires_at {
        Some(Moment(at)) => format!("it expires {}, at {}", relative(at, now), shown(at)),
        None => "it never expires".to_owned(),
    };
    match (report.verdict, report.not_before) {
        (Verdict::Expired, _) => {
            let ended =
                report.expires_at.map(|Moment(at)| format!(" {}, at {}", relative(at, now), shown(at)));
            format!("EXPIRED{}: it can do nothing any more.", ended.unwrap_or_default())
        }
        (Verdict::Useless, _) => "USELESS: it can do nothing.".to_owned(),
        (Verdict::NotYet, Some(Moment(from))) => {
            format!("NOT YET VALID: it begins {}, at {}; {end}.", relative(from, now), shown(from))
        }
        (Verdict::NotYet | Verdict::Usable, _) => {
            format!("USABLE, as far as can be told without the service; {end}.")
        }
    }
}

/// The remark on the discharge.
fn half(state: State) -> &'static str {
    match state {
        State::Bound => {
            ", a copy from a request: its discharge is bound to this root, so it can be sent, but neither refreshed nor \
             narrowed"
        }
        State::Unbound => ", with its discharge unbound: whoever holds it can send, narrow and refresh it",
        State::Absent => ", without the discharge that it asks for",
        State::Alone => ": a discharge, which the SSO made for a root that is not here",
        State::NotNeeded => "; it has no discharge and asks for none",
    }
}

fn whose(page: &mut Page, report: &Report, now: Timestamp) {
    let since = |at: Option<Moment>| at.map(|at| moment(Some(at), now, ""));
    page.row("account", report.account.as_ref().map_or_else(|| "not stated".to_owned(), account));
    match (&report.token_id, &report.root_key_id) {
        (Some(token), Some(key)) => {
            page.row("token id", clean(token));
            page.row("root key", clean(key));
        }
        _ if report.discharge.state == State::Alone => {}
        _ => page.row("identifier", format!("{} (not of a macaroond)", clean(&report.identifier))),
    }
    page.maybe("session", report.session_id.as_deref().map(clean));
    page.maybe("issued", since(report.issued_at));
    page.maybe("logged in", since(report.logged_in_at));
    page.maybe("SSO", report.discharge.sso.as_deref().map(clean));
    page.maybe("discharge", since(report.discharge.issued_at).map(|text| format!("issued {text}")));
    page.maybe("refresh", report.discharge.refresh_due_at.map(|Moment(due)| refresh(report, due, now)));
}

fn moment(moment: Option<Moment>, now: Timestamp, none: &str) -> String {
    moment.map_or_else(|| none.to_owned(), |Moment(at)| format!("{}, {}", shown(at), relative(at, now)))
}

fn account(account: &Account) -> String {
    let names: Vec<String> = [&account.username, &account.display_name]
        .into_iter()
        .filter(|name| !name.is_empty())
        .map(|name| clean(name))
        .collect();
    let email = if account.email.is_empty() { "no e-mail address".to_owned() } else { clean(&account.email) };
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    format!("{email}{names}, id {}", clean(&account.id))
}

fn refresh(report: &Report, due: Timestamp, now: Timestamp) -> String {
    let moment = format!("due {}, {}", shown(due), relative(due, now));
    let how = match report.discharge.state {
        State::Bound => "this copy ends then",
        _ => "clients do that by themselves",
    };
    format!("{moment}, if the service has the usual setting; {how}")
}

fn allows(page: &mut Page, report: &Report, now: Timestamp) {
    let mut label = "permissions";
    for permission in &report.permissions {
        page.row(label, format!("{:<22}  {}", permission.as_str(), meaning(*permission)));
        label = "";
    }
    if report.permissions.is_empty() {
        page.row(label, "none");
    }
    page.names(
        "snaps",
        report.snap_ids.as_ref(),
        "any of the account's, and new ones",
        "no others, so no new names",
    );
    page.lists("channels", report.channels.as_deref(), "any");
    page.names("files", report.upload_digests.as_ref(), "any", "nothing but uploading these (SHA3-384)");
    let signed = "nothing but uploads that are signed by these";
    page.names("build keys", report.build_keys.as_ref(), "any, or no signature on the build", signed);
    page.lists("from", report.source_ips.as_deref(), "any address");
    page.row("not before", moment(report.not_before, now, "valid from the start"));
    page.row("expires", moment(report.expires_at, now, "never"));
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn row(&mut self, label: &str, value: impl AsRef<str>) {
        self.line(&format!("  {label:<12} {}", value.as_ref()));
    }

    fn maybe(&mut self, label: &str, value: Option<String>) {
        if let Some(value) = value {
            self.row(label, value);
        }
    }

    /// One name a line, and what the list excludes.
    fn names(&mut self, label: &str, names: Option<&BTreeSet<String>>, any: &str, only: &str) {
        let Some(names) = names else { return self.row(label, any) };
        for (index, name) in names.iter().enumerate() {
            self.row(if index == 0 { label } else { "" }, clean(name));
        }
        if names.is_empty() {
            self.row(label, "none");
        } else {
            self.row("", format!("({only})"));
        }
    }

    /// Lists each of which must allow what is attempted.
    fn lists(&mut self, label: &str, lists: Option<&[Vec<String>]>, any: &str) {
        let Some(lists) = lists else { return self.row(label, any) };
        for (index, list) in lists.iter().enumerate() {
            let names: Vec<String> = list.iter().map(|name| clean(name)).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            let (label, word) = if index == 0 { (label, "") } else { ("", "and only where also: ") };
            self.row(label, format!("{word}{names}"));
        }
    }
}

/// Text out of a credential that nobody has verified, fit for a terminal: letters, digits and what is printable in
/// ASCII, at most so many.
fn clean(text: &str) -> String {
    const LONGEST: usize = 120;
    let printable =
        |letter: char| if letter.is_alphanumeric() || (' '..='~').contains(&letter) { letter } else { '?' };
    let mut clean: String = text.chars().take(LONGEST).map(printable).collect();
    if text.chars().nth(LONGEST).is_some() {
        clean.push_str("...");
    }
    clean
}
