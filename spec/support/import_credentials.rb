# frozen_string_literal: true

require "openssl"

# project_import_data's three credential columns as GitLab's attr_encrypted writes them: Marshal, AES-256-CBC, a key from
# PBKDF2-HMAC-SHA1 over db_key_base, Base64 with line breaks; the salt column begins with an underscore.
module ImportCredentials
  DB_KEY_BASE = "hubferry-test-vector-db-key-base-0123456789abcdef0123456789abcdef0123456789abcdef"
  ITERATIONS = 2000

  module_function

  # Returns the columns by name. A GitHub import stores {user: TOKEN, password: nil}.
  def encrypt(hash, key_base: DB_KEY_BASE, salt: OpenSSL::Random.random_bytes(16), iv: OpenSSL::Random.random_bytes(16))
    cipher = aes(:encrypt, key_base, salt, iv)
    {
      "encrypted_credentials" => [cipher.update(Marshal.dump(hash)) + cipher.final].pack("m"),
      "encrypted_credentials_iv" => [iv].pack("m"),
      "encrypted_credentials_salt" => "_#{[salt].pack("m")}"
    }
  end

  def decrypt(columns, key_base: DB_KEY_BASE)
    return {} if columns["encrypted_credentials"].to_s.empty?

    salt = columns["encrypted_credentials_salt"].delete_prefix("_").unpack1("m")
    cipher = aes(:decrypt, key_base, salt, columns["encrypted_credentials_iv"].unpack1("m"))
    Marshal.load(cipher.update(columns["encrypted_credentials"].unpack1("m")) + cipher.final)
  end

  def aes(direction, key_base, salt, iv)
    cipher = OpenSSL::Cipher.new("aes-256-cbc").public_send(direction)
    cipher.key = OpenSSL::PKCS5.pbkdf2_hmac_sha1(key_base, salt, ITERATIONS, 32)
    cipher.iv = iv
    cipher
  end
end
