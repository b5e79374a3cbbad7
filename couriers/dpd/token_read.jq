((.body.Envelope // {}).Body // {}) as $body
| (($body.getAuthResponse // {}).return // {}) as $login
| if $login.authToken then {token: $login.authToken, expires_in: 82800}
  else {refused: (($body.Fault // {}).faultstring // "DPD gave no token")} end
