# Hermes Germany: OAuth 2 with the user's own password (RFC 6749, 4.3).
{
  method: "POST",
  url: "https://authme.myhermes.de/authorization-facade/oauth2/access_token",
  headers: {"Content-Type": "application/x-www-form-urlencoded", Accept: "application/json"},
  body: (
    {
      grant_type: "password",
      username: .credentials.username,
      password: .credentials.password,
      client_id: .credentials.client_id,
      client_secret: .credentials.client_secret
    }
    | form
  )
}
