//! What is served: every path once.

mod admin;
mod client;
mod discovery;
mod form;
mod refusal;
mod token;

use actix_web::web::{ServiceConfig, resource};

/// Every path. Another method than the one that is named here is answered with 405.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/.well-known/openid-configuration").get(discovery::document))
        .service(resource("/jwks").get(discovery::keys))
        .service(resource("/token").post(token::token))
        .service(resource("/admin/accounts").post(admin::add_account))
        .service(resource("/admin/password").post(admin::set_password))
        .service(resource("/admin/disable").post(admin::disable))
        .service(resource("/admin/enable").post(admin::enable))
        .service(resource("/admin/delete").post(admin::delete))
        .service(resource("/admin/groups").post(admin::set_groups))
        .service(resource("/admin/faults").post(admin::set_faults))
        .service(resource("/admin/rotate-keys").post(admin::rotate_keys));
}
