/** Texts about single sign-on. */
export const viOidc = {
  'login.oidc': 'Đăng nhập một lần',
  'login.oidc.refused': 'Chưa đăng nhập được bằng cách này. Xin thử lại, hoặc báo quản trị viên kèm mã {id}.',
  'login.oidc.unreachable':
    'Hệ thống đăng nhập một lần hiện không phản hồi. Xin đăng nhập bằng mật khẩu hoặc thử lại sau.',
  'accounts.identity': 'Đăng nhập một lần',
  'accounts.identity.name': 'Tên trên hệ thống đăng nhập một lần',
  'accounts.identity.hint': 'Viết đúng từng chữ, kể cả chữ hoa. Để trống: tài khoản này chỉ dùng mật khẩu.',
  'accounts.identity.bound': 'Người mang tên này đã đăng nhập lần đầu lúc {since} và được gắn với tài khoản.',
  'accounts.identity.unbound': 'Chưa ai đăng nhập bằng tên này. Người đầu tiên sẽ được gắn với tài khoản.',
  'accounts.identity.unbindHelp': 'Khi lưu, dù không đổi tên, người này được gỡ ra và mọi phiên kết thúc ngay.',
  'accounts.identity.error.taken': 'Tên này đã dùng cho một tài khoản khác.',
  'accounts.identity.error.name': 'Tên dài nhất {most} ký tự.',
  'audit.action.account.identity': 'Gắn tên đăng nhập một lần',
} as const;
