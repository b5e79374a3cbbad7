# Login with Amazon: the seller's refresh token buys an access token.
{
  method: "POST",
  url: "https://api.amazon.com/auth/o2/token",
  headers: {"Content-Type": "application/x-www-form-urlencoded", Accept: "application/json"},
  body: (
    {
      grant_type: "refresh_token",
      refresh_token: .credentials.refresh_token,
      client_id: .credentials.client_id,
      client_secret: .credentials.client_secret
    }
    | form
  )
}
