// What a page shows where it cannot begin: in a browser that is too old, or where its scripts did not come or failed.
// It is written so that browsers of 2012 can read it (ECMAScript 5), and runs before anything else.
;(function () {
  var shown = false
  var oldest = 'Chromium / Edge / Android WebView 87, Safari / iOS 14.5, Firefox 79'

  function english() {
    try {
      var chosen = localStorage.getItem('lang')
      if (chosen) return chosen === 'en'
    } catch (e) {
      /* storage is blocked */
    }
    return !/^zh/i.test(navigator.language || navigator.userLanguage || 'zh')
  }

  // tooOld is decided by what came last to the oldest browsers of docs/browsers.md.
  function tooOld() {
    return (
      !('noModule' in document.createElement('script')) ||
      typeof WeakRef === 'undefined' ||
      !(window.CSS && CSS.supports && CSS.supports('inset', '0'))
    )
  }

  function add(to, name, text, style) {
    var e = document.createElement(name)
    if (text) e.appendChild(document.createTextNode(text))
    e.style.cssText = style
    to.appendChild(e)
    return e
  }

  // show puts a page of its own in place of the one that did not begin: a heading, lines of text, and a button.
  function show(what) {
    if (shown) return
    shown = true
    if (!document.body) {
      document.addEventListener('DOMContentLoaded', function () {
        draw(what)
      })
      return
    }
    draw(what)
  }

  function draw(what) {
    var i = english() ? 1 : 0
    var app = document.getElementById('app')
    if (app) app.innerHTML = ''
    document.body.style.cssText =
      'margin:0;background:#f2f3f5;color:#1d2129;' +
      'font:16px/1.5 -apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif'
    var main = add(
      app || document.body,
      'div',
      '',
      'max-width:480px;margin:0 auto;padding:15vh 16px 16px;text-align:center',
    )
    main.setAttribute('role', 'alert')
    main.setAttribute('data-test', 'rescue')
    var icon = add(main, 'img', '', 'width:56px;height:56px')
    icon.src = '/favicon.svg'
    icon.alt = ''
    add(main, 'h1', what.title[i], 'font-size:28px;line-height:1.3;font-weight:600;margin:16px 0 8px')
    for (var n = 0; n < what.lines.length; n++) add(main, 'p', what.lines[n][i], 'margin:0 0 8px;word-wrap:break-word')
    var again = add(
      main,
      'button',
      ['重新加载', 'Load it again'][i],
      'margin:16px 0;min-height:44px;padding:10px 24px;border:0;' +
        'border-radius:8px;background:#0f766e;color:#fff;font:inherit;cursor:pointer',
    )
    again.onclick = function () {
      location.reload()
    }
    if (what.detail) add(main, 'p', what.detail, 'margin:0;font-size:12px;color:#5c6773;word-wrap:break-word')
  }

  function old() {
    show({
      title: ['浏览器版本过低', 'This browser is too old'],
      lines: [
        [
          '请升级浏览器或系统，或换一台设备打开本页。',
          'Please update the browser or the system, or open this page on another device.',
        ],
        [
          '需要不低于以下的版本：' + oldest + '。微信、支付宝请升级到最新版。',
          'What is needed, or newer: ' + oldest + '. Update WeChat or Alipay to the newest version.',
        ],
      ],
      detail: navigator.userAgent,
    })
  }

  // begun reports whether the page shows something: what fails from then on is its own to tell.
  function begun() {
    var app = document.getElementById('app')
    return !!app && !!app.firstElementChild
  }

  function broken(detail) {
    if (begun()) return
    if (tooOld()) {
      old()
      return
    }
    show({
      title: ['页面没有打开', 'This page did not open'],
      lines: [
        [
          '请检查网络后重新加载。如果仍然打不开，请把下面的内容告诉物业或技术人员。',
          'Please check the network and load it again. If it still fails, tell the office what is written below.',
        ],
      ],
      detail: String(detail || ''),
    })
  }

  window.linliRescue = { show: show, broken: broken }
  // The scripts did not come, cannot be read by this browser, or failed before the page began.
  window.addEventListener(
    'error',
    function (e) {
      var t = e.target
      if (t && t.tagName === 'SCRIPT') broken('script: ' + t.src)
      else if (t && t.tagName === 'LINK' && t.rel === 'stylesheet') return
      else if (e.message) broken(e.message)
    },
    true,
  )
  window.addEventListener('unhandledrejection', function (e) {
    broken(e.reason)
  })
  window.addEventListener('load', function () {
    if (!('noModule' in document.createElement('script'))) old()
    else
      setTimeout(function () {
        broken('not started')
      }, 10000)
  })
})()
